import Console
import Threads
import Timeline

/// Reads a recording once on a thread of its own, and on while it is being written, so that ways in it are short.
public final class ReplayIndexer: Sendable {
  /// What was read so far.
  public struct News: Sendable {
    public var progress: ReplayIndex.Progress
    /// Why it reads no further; nil when all is well.
    public var failure: String?
  }

  /// Entries between two looks at whether to stop.
  private static let portion = 256
  /// How often it tells of what it has read, and looks for more in a recording that grows.
  private static let pace = Duration.milliseconds(100)
  private static let growth = Duration.seconds(1)

  private let waker = Waker()
  private let isStopping = Locked<Bool>(false)
  private let news = Locked<News?>(nil)
  private let thread = Locked<NamedThread?>(nil)
  /// What the thread has left.
  private let left = Locked<ReplayIndex?>(nil)

  /// Starts at once.
  /// - Parameters:
  ///   - isGrowing: whether more may be written to the recording, asked at its end.
  ///   - wake: there are news; called on its thread.
  public init(
    _ index: ReplayIndex, clock: TimelineClock, isGrowing: @escaping @Sendable () -> Bool,
    wake: @escaping @Sendable () -> Void
  ) {
    let reading = NamedThread("replay index") { [self] in
      var index = index
      var told = clock.now
      defer { left.withLock { $0 = index } }
      func tell(_ failure: String? = nil) {
        news.withLock { $0 = News(progress: index.progress, failure: failure) }
        told = clock.now
        wake()
      }
      while !isStopping.withLock({ $0 }) {
        do {
          try index.read(Self.portion)
        } catch {
          return tell("\(error)")
        }
        if index.progress.isComplete {
          tell()
          guard isGrowing() else { return }
          waker.wait(timeout: Self.growth)
          index.lookAgain()
        } else if clock.now - told >= Self.pace {
          tell()
        }
      }
    }
    thread.withLock { $0 = reading }
  }

  /// What was read since the last call; nil for nothing.
  public func takeNews() -> News? {
    news.withLock { news in
      defer { news = nil }
      return news
    }
  }

  /// Ends the thread and joins it.
  /// - Returns: how far it has come; another one can go on from there.
  @discardableResult
  public func stop() -> ReplayIndex? {
    isStopping.withLock { $0 = true }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
    return left.withLock { $0 }
  }
}
