import Agent
import Engines
import Threads

/// Loads decoders behind the screen, and keeps one that has served its client for the next.
///
/// A decoder takes 300 ms and 70 MB. `prepare` makes the first on a thread of its own, so that the first client need
/// not wait; a second client at the same time waits for a second decoder while its audio queues. Any thread.
public final class SpeechModels: Sendable {
  /// How far the loading is.
  public enum State: Sendable, Equatable {
    case idle
    case loading
    case ready
    /// What is wrong, and what the operator can do about it.
    case failed(reason: String, remedy: String)
  }

  /// The process's own, with Debian's models.
  public static let shared = SpeechModels(directory: standardDirectory)
  /// Where Debian's pocketsphinx-en-us puts them.
  static let standardDirectory = "/usr/share/pocketsphinx/model/en-us"

  private struct Contents {
    var state = State.idle
    var spare: Spare?
    var onLoaded: [@Sendable () -> Void] = []
  }
  /// Sendable: a decoder is in the pool or with one recognizer, never both, and the lock orders the two.
  private struct Spare: @unchecked Sendable {
    var decoder: PocketSphinxDecoder
  }
  private let contents = Locked<Contents>(Contents())
  private let directory: String
  private let domain: String

  /// - Parameter directory: with `en-us`, `cmudict-en-us.dict` and `en-us.lm.bin` in it.
  init(directory: String, domain: String = SpeechResources.domainModel) {
    self.directory = directory
    self.domain = domain
  }

  /// Starts loading, unless that was done before; after a failure it tries again. Returns at once.
  public func prepare() { prepare(then: {}) }

  public var state: State { contents.withLock { $0.state } }

  /// Starts loading if need be, and calls back, on any thread, when it has ended one way or the other.
  func prepare(then callback: @escaping @Sendable () -> Void) {
    let (mustStart, isDone) = contents.withLock { contents -> (Bool, Bool) in
      switch contents.state {
      case .ready: return (false, true)
      case .loading:
        contents.onLoaded.append(callback)
        return (false, false)
      case .idle, .failed:
        contents.state = .loading
        contents.onLoaded.append(callback)
        return (true, false)
      }
    }
    if isDone { callback() }
    if mustStart { _ = NamedThread("speech-models") { self.load() } }
  }

  private func load() {
    let outcome: State
    var made: Spare?
    do {
      made = Spare(decoder: try PocketSphinxDecoder(directory: directory, domain: domain))
      outcome = .ready
    } catch {
      outcome = .failed(reason: error.reason, remedy: error.remedy)
    }
    let spare = made
    let callbacks = contents.withLock { contents in
      contents.state = outcome
      contents.spare = spare
      defer { contents.onLoaded = [] }
      return contents.onLoaded
    }
    for callback in callbacks { callback() }
  }

  /// A decoder that has heard nothing yet; makes one (200 ms) when none is spare.
  func takeDecoder() throws(PocketSphinxDecoder.LoadFailure) -> PocketSphinxDecoder {
    let spare = contents.withLock { contents in
      defer { contents.spare = nil }
      return contents.spare
    }
    if let spare { return spare.decoder }
    return try PocketSphinxDecoder(directory: directory, domain: domain)
  }

  /// Takes a decoder back. One is kept; more are freed, for the memory.
  func giveBack(_ decoder: PocketSphinxDecoder) {
    decoder.forgetChannel()
    let spare = Spare(decoder: decoder)
    contents.withLock { contents in
      if contents.spare == nil { contents.spare = spare }
    }
  }
}

/// Makes recognitions by PocketSphinx.
struct PocketSphinxSource: RecognitionSource {
  var models = SpeechModels.shared
  var detector: HearingChoice.DetectorMaker = { () throws(EngineFault) in VoiceEdgeDetector() }

  var state: SpeechModels.State { models.state }
  func prepare(then callback: @escaping @Sendable () -> Void) { models.prepare(then: callback) }
  func makeRecognition(
    emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
  ) throws(EngineFault) -> any Recognition {
    let detector = try detector()
    let models = models
    do throws(PocketSphinxDecoder.LoadFailure) {
      return UtteranceDecoding(decoder: try models.takeDecoder(), detector: detector, emit: emit) {
        models.giveBack($0)
      }
    } catch {
      throw EngineFault(reason: error.reason, remedy: error.remedy)
    }
  }
}
