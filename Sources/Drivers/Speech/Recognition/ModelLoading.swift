import Threads

/// Loads models once, behind the screen, and tells when that has ended. Any thread.
final class ModelLoading: Sendable {
  private struct Contents {
    var state = SpeechModels.State.idle
    var onLoaded: [@Sendable () -> Void] = []
  }
  private let contents = Locked<Contents>(Contents())

  var state: SpeechModels.State { contents.withLock { $0.state } }

  /// Starts loading if need be, and calls back, on any thread, when it has ended one way or the other. After a failure it
  /// tries again.
  /// - Parameter load: starts a thread that ends by calling `ended`; called at most once for each loading.
  func begin(_ load: () -> Void, then callback: @escaping @Sendable () -> Void) {
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
    if mustStart { load() }
  }

  /// The loading has ended so.
  func ended(_ state: SpeechModels.State) {
    let callbacks = contents.withLock { contents in
      contents.state = state
      defer { contents.onLoaded = [] }
      return contents.onLoaded
    }
    for callback in callbacks { callback() }
  }

  /// Waits until what is being loaded is; returns at once when nothing is.
  func wait() {
    let loaded = Waker()
    let isLoading = contents.withLock { contents in
      guard contents.state == .loading else { return false }
      contents.onLoaded.append { loaded.wake() }
      return true
    }
    if isLoading { loaded.wait(timeout: nil) }
  }
}
