import CWebSockets
import Glibc

/// What libwebsockets says, kept off the terminal.
///
/// The log callback is process-global and has no user pointer; each loop's thread keeps its own last lines in
/// thread-specific storage. Only warnings and errors are asked for: NOTICE lines would otherwise go to stderr.
final class ServiceLog {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
  private static let installed: Void = {
    lws_set_log_level(LLL_ERR | LLL_WARN) { _, line in
      guard let line, let pointer = pthread_getspecific(ServiceLog.key) else { return }
      Unmanaged<ServiceLog>.fromOpaque(pointer).takeUnretainedValue().append(String(cString: line))
    }
  }()

  /// The last lines, oldest first. Only the thread that called `attach`.
  private(set) var lines: [String] = []

  /// Sets the process-wide callback once, before the first lws_context is made.
  static func install() { installed }

  /// From now on this thread's lines come here. Call `detach` before the thread ends.
  func attach() { pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque()) }

  func detach() { pthread_setspecific(Self.key, nil) }

  private func append(_ line: String) {
    if lines.count == 8 { lines.removeFirst() }
    lines.append(String(line.prefix(300).filter { !$0.isNewline }))
  }
}
