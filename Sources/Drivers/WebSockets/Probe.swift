import CLinux
import Glibc
import Threads

/// A second look at a peer that hung up without a word, on a connection of its own: whether it would have spoken TLS, or
/// plain HTTP. Blocks for at most 2 seconds; runs on the resolver's thread.
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
    var answersTLS = false
    /// The first bytes of the answer to the HTTP request, or of the banner that the peer began with.
    var httpReply: [UInt8] = []
  }

  static func look(at address: String, port: Int, _ question: Question) -> Outcome {
    var outcome = Outcome()
    if question.contains(.tls) {
      let reply = exchange(address, port, send: clientHello)
      outcome.answersTLS = reply.count >= 2 && (reply[0] == 0x15 || reply[0] == 0x16) && reply[1] == 3
    }
    if question.contains(.http) {
      outcome.httpReply = exchange(
        address, port, send: Array("GET / HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n".utf8))
    }
    return outcome
  }

  /// A ClientHello that any TLS 1.2 or 1.3 server can answer with a ServerHello (RFC 8446 section 4.1.2). Less will not
  /// do: some servers drop whom they share nothing with, without an alert.
  private static let clientHello: [UInt8] = {
    func list(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes }
    let suites: [UInt8] = [
      0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0,
      0x9c,
      0, 0x2f,
    ]
    let extensions: [UInt8] =
      // supported_groups: x25519, secp256r1; ec_point_formats: uncompressed
      [0, 10] + list(list([0, 0x1d, 0, 0x17])) + [0, 11] + list([1, 0])
      // signature_algorithms: ECDSA, PSS and PKCS #1 with SHA-256 to SHA-512
      + [0, 13] + list(list([4, 3, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 6, 1]))
      // supported_versions: 1.3, 1.2; key_share: x25519, a point that is public on purpose
      + [0, 43] + list([4, 3, 4, 3, 3]) + [0, 51]
      + list(list([0, 0x1d] + list([9] + [UInt8](repeating: 0, count: 31))))
    let hello: [UInt8] =
      [3, 3] + [UInt8](repeating: 0x5a, count: 32) + [0] + list(suites) + [1, 0] + list(extensions)
    return [0x16, 3, 1] + list([1, 0] + list(hello))
  }()

  private static func exchange(_ address: String, _ port: Int, send request: [UInt8]) -> [UInt8] {
    guard case .success(let descriptor) = SocketStream.connect(to: address, port: port) else { return [] }
    defer { close(descriptor) }
    guard wait(descriptor, POLLOUT), SocketStream(descriptor: descriptor).connectError == 0 else { return [] }
    _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    guard wait(descriptor, POLLIN) else { return [] }
    var reply = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &reply, reply.count, 0)
    return count > 0 ? Array(reply.prefix(count)) : []
  }

  /// At most a second.
  private static func wait(_ descriptor: Int32, _ events: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&request, 1, 1000) == 1
  }
}
