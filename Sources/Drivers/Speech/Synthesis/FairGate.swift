import Threads

/// Lets so many threads through at a time. Who has to wait comes in the order of asking.
final class FairGate: Sendable {
  private struct State {
    var free: Int
    var waiting: [Waker] = []
    var isClosed = false
  }
  private let state: Locked<State>
  private let width: Int

  /// - Parameter width: how many may be inside, at least 1.
  init(width: Int) {
    self.width = max(1, width)
    state = Locked(State(free: self.width))
  }

  /// Waits for its turn, works, and lets the next one in. Waits for ever when the gate has been closed.
  func pass<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
    enter()
    defer {
      // Its place goes to the next one without becoming free, so that nobody comes in between.
      state.withLock { state in
        if state.waiting.isEmpty { state.free += 1 } else { state.waiting.removeFirst().wake() }
      }
    }
    return try work()
  }

  /// Lets in who waits already and nobody else; returns when nobody is inside any more.
  func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if isFirst { for _ in 0..<width { enter() } }
  }

  private func enter() {
    let place = state.withLock { state -> Waker? in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      let waker = Waker()
      state.waiting.append(waker)
      return waker
    }
    place?.wait(timeout: nil)
  }

  /// How many wait.
  var waitingCount: Int { state.withLock { $0.waiting.count } }
}
