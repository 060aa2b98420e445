import Engines
import Glibc
import Threads

/// The neural voice of the process: loaded behind the screen, once, and shared by all who speak. Any thread.
final class PiperVoices: Sendable {
  /// The process's own.
  static let shared = PiperVoices(folder: .standard)

  private enum State {
    case idle
    case loading(waiting: [Waker])
    case loaded(Result<PiperVoice, EngineFault>)
  }
  private let state = Locked<State>(.idle)
  private let folder: EngineFolder?
  /// As many threads as there are cores load or speak at a time.
  private let gate = FairGate(width: sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// - Parameter folder: where the speech engines are; nil without a home.
  init(folder: EngineFolder?) { self.folder = folder }

  /// Why the voice cannot be loaded, as far as its files tell; nil when they are there.
  var fault: EngineFault? {
    do {
      _ = try paths()
      return nil
    } catch {
      return error
    }
  }

  /// Starts loading, unless that was done before. Returns at once.
  func prepare() {
    let mustStart = state.withLock { state in
      guard case .idle = state else { return false }
      state = .loading(waiting: [])
      return true
    }
    if mustStart { _ = NamedThread("voice-loader") { [self] in load() } }
  }

  /// The voice; waits until it is loaded (450 ms, and seconds from a slow disk).
  /// - Throws: why it cannot be: the same for the rest of the process.
  func voice() throws(EngineFault) -> PiperVoice {
    prepare()
    let loaded = state.withLock { state -> Result<PiperVoice, EngineFault>? in
      if case .loaded(let result) = state { result } else { nil }
    }
    return try (loaded ?? waitForLoading()).get()
  }

  /// Waits until what is being loaded is; returns at once when nothing is.
  func finishLoading() {
    let isLoading = state.withLock { state in
      if case .loading = state { true } else { false }
    }
    if isLoading { _ = waitForLoading() }
  }

  private func waitForLoading() -> Result<PiperVoice, EngineFault> {
    let waker = Waker()
    while true {
      let loaded = state.withLock { state -> Result<PiperVoice, EngineFault>? in
        switch state {
        case .loaded(let result): return result
        case .loading(let waiting): state = .loading(waiting: waiting + [waker])
        case .idle: break
        }
        return nil
      }
      if let loaded { return loaded }
      waker.wait(timeout: nil)
    }
  }

  private func paths() throws(EngineFault) -> (model: String, configuration: String, runtime: String) {
    guard let folder else { throw EngineFault.noHome }
    return (
      try folder.path(of: .joeVoice), try folder.path(of: .joeConfiguration), try folder.path(of: .onnxRuntime)
    )
  }

  private func load() {
    let result = Result { () throws(EngineFault) in
      let paths = try paths()
      return try gate.pass { () throws(EngineFault) in
        let runtime = try OnnxRuntime(library: paths.runtime)
        // What the library frees when the process ends must not be in use then. What was arranged last is done first: this
        // is arranged when the library is open, and again when the model is.
        atexit { PiperVoices.shared.gate.close() }
        defer { atexit { PiperVoices.shared.gate.close() } }
        return try PiperVoice(
          model: paths.model, configuration: paths.configuration, runtime: runtime, gate: gate)
      }
    }
    let waiting = state.withLock { state in
      defer { state = .loaded(result) }
      if case .loading(let waiting) = state { return waiting } else { return [] }
    }
    for waker in waiting { waker.wake() }
  }
}
