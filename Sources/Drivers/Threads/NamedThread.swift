import CLinux
import Glibc

/// A POSIX thread with a name, to be joined.
public final class NamedThread: @unchecked Sendable {
  // Sendable: `handle` is written once, before the initialiser returns.
  private var handle = pthread_t()
  private let hasJoined = Locked<Bool>(false)

  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Starts at once. `name`: as seen in `top -H`; what is beyond 15 bytes is cut off.
  public init(_ name: String, _ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(name: NamedThread.cut(name), run: run))
    let error = pthread_create(
      &handle, nil,
      { argument in
        let body = Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
        _ = clinux_set_thread_name(body.name)
        body.run()
        return nil
      }, body.toOpaque())
    precondition(error == 0, "pthread_create failed: \(String(cString: strerror(error)))")
  }

  /// The kernel refuses a longer name instead of cutting it.
  static func cut(_ name: String) -> String {
    var name = name
    while name.utf8.count > 15 { name.removeLast() }
    return name
  }

  /// Waits until the thread has ended. Later calls return at once.
  public func join() {
    let isFirst = hasJoined.withLock { joined in
      defer { joined = true }
      return !joined
    }
    if isFirst { pthread_join(handle, nil) }
  }

  deinit {
    if hasJoined.withLock({ !$0 }) { pthread_detach(handle) }
  }
}
