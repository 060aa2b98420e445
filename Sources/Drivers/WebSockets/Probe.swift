import CLinux
import Glibc
import Threads

/// A second look at a peer that failed, on a connection of its own: libwebsockets says neither the errno of a failed
/// connect nor what a peer sent that was no HTTP. Blocks for at most 2 seconds; runs on the resolver's thread.
enum Probe {
  /// What to try after connecting.
  struct Question: OptionSet, Sendable {
    let rawValue: Int
    /// A TLS ClientHello: a TLS server answers with a handshake record or an alert.
    static let tls = Question(rawValue: 1)
    /// A plain HTTP request: shows what else the peer speaks.
    static let http = Question(rawValue: 2)
  }

  struct Outcome: Sendable {
    /// The errno of connect; 0 when it succeeded.
    var connectError: Int32
    var answersTLS = false
    /// The first bytes of the answer to the HTTP request, or of the banner that the peer began with.
    var httpReply: [UInt8] = []
  }

  static func look(at address: String, port: Int, _ question: Question) -> Outcome {
    var outcome = Outcome(connectError: 0)
    if question.isEmpty {
      outcome.connectError = exchange(address, port, send: nil).error
    }
    if question.contains(.tls) {
      let (error, reply) = exchange(address, port, send: clientHello)
      outcome.connectError = error
      outcome.answersTLS = reply.count >= 2 && (reply[0] == 0x15 || reply[0] == 0x16) && reply[1] == 3
    }
    if question.contains(.http), !outcome.answersTLS {
      let (error, reply) = exchange(
        address, port, send: Array("GET / HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n".utf8))
      outcome.connectError = error
      outcome.httpReply = reply
    }
    return outcome
  }

  /// TLS 1.2, no extensions, one cipher suite: enough for any server to show what it is.
  private static let clientHello: [UInt8] =
    [0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3] + [UInt8](repeating: 0x5a, count: 32) + [0, 0, 2, 0xc0, 0x2f, 1, 0]

  private static func exchange(_ address: String, _ port: Int, send: [UInt8]?) -> (error: Int32, reply: [UInt8]) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = CLINUX_SOCK_STREAM
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &list) == 0, let entry = list?.pointee else { return (EINVAL, []) }
    defer { freeaddrinfo(list) }
    let descriptor = socket(
      entry.ai_family, CLINUX_SOCK_STREAM | CLINUX_SOCK_CLOEXEC | CLINUX_SOCK_NONBLOCK, 0)
    guard descriptor >= 0 else { return (errno, []) }
    defer { close(descriptor) }
    if connect(descriptor, entry.ai_addr, entry.ai_addrlen) != 0 {
      guard errno == EINPROGRESS else { return (errno, []) }
      guard wait(descriptor, POLLOUT) else { return (ETIMEDOUT, []) }
      var error: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
      guard error == 0 else { return (error, []) }
    }
    guard let send else { return (0, []) }
    _ = Glibc.send(descriptor, send, send.count, Int32(MSG_NOSIGNAL))
    guard wait(descriptor, POLLIN) else { return (0, []) }
    var reply = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &reply, reply.count, 0)
    return (0, count > 0 ? Array(reply.prefix(count)) : [])
  }

  /// At most a second.
  private static func wait(_ descriptor: Int32, _ events: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&request, 1, 1000) == 1
  }
}
