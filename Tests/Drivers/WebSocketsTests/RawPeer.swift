import Glibc
import Threads

/// A TCP server that says what it is told to, byte by byte: for answers that no library would give.
final class RawPeer: Sendable {
  /// What it does with each connection. Runs on the peer's thread.
  typealias Behaviour = @Sendable (Link) -> Void

  let port: Int
  private let listener: Int32
  private let thread: NamedThread

  /// One accepted connection.
  struct Link: Sendable {
    let descriptor: Int32

    func write(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
    func write(_ text: String) { write(Array(text.utf8)) }

    /// What has come in; empty at the end.
    func read() -> [UInt8] {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return count > 0 ? Array(buffer.prefix(count)) : []
    }

    /// Reads until the empty line that ends a request.
    func readRequest() -> String {
      var text: [UInt8] = []
      while true {
        let more = read()
        text += more
        let string = String(decoding: text, as: UTF8.self)
        if more.isEmpty || string.contains("\r\n\r\n") { return string }
      }
    }

    /// Reads until the other side has ended the connection.
    func drain() { while !read().isEmpty {} }

    /// Answers an upgrade as it should be.
    func upgrade(subprotocol: String? = nil) {
      let request = readRequest()
      let key = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
      let value = key.map { $0.split(separator: " ").last.map(String.init) ?? "" } ?? ""
      write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
      if let subprotocol { write("Sec-WebSocket-Protocol: \(subprotocol)\r\n") }
      write("Sec-WebSocket-Accept: \(RawPeer.accept(value))\r\n\r\n")
    }

    /// TCP reset.
    func reset() {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
  }

  init(_ behaviour: @escaping Behaviour) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        precondition(bind(listener, generic, size) == 0 && listen(listener, 16) == 0)
        getsockname(listener, generic, &size)
      }
    }
    self.port = Int(UInt16(bigEndian: address.sin_port))
    self.listener = listener
    thread = NamedThread("raw-peer") {
      while true {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        behaviour(Link(descriptor: descriptor))
        close(descriptor)
      }
    }
  }

  /// Ends it. The behaviour must not be waiting for a client that does not end.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    thread.join()
    close(listener)
  }

  /// The value of Sec-WebSocket-Accept (RFC 6455 section 4.2.2).
  static func accept(_ key: String) -> String {
    base64(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }

  private static func sha1(_ message: [UInt8]) -> [UInt8] {
    var h: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    var bytes = message + [0x80]
    while bytes.count % 64 != 56 { bytes.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(message.count * 8 >> shift & 255)) }
    func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x << n | x >> (32 - n) }
    for chunk in stride(from: 0, to: bytes.count, by: 64) {
      var w = (0..<16).map { i in (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[chunk + i * 4 + $1]) } }
      for i in 16..<80 { w.append(rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1)) }
      var (a, b, c, d, e) = (h[0], h[1], h[2], h[3], h[4])
      for i in 0..<80 {
        let (f, k): (UInt32, UInt32) =
          switch i {
          case 0..<20: (b & c | ~b & d, 0x5a82_7999)
          case 20..<40: (b ^ c ^ d, 0x6ed9_eba1)
          case 40..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
          default: (b ^ c ^ d, 0xca62_c1d6)
          }
        let next = rotate(a, 5) &+ f &+ e &+ k &+ w[i]
        (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
      }
      for (i, x) in [a, b, c, d, e].enumerated() { h[i] = h[i] &+ x }
    }
    return h.flatMap { x in [24, 16, 8, 0].map { UInt8(x >> $0 & 255) } }
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for digit in 0..<4 { text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : "=") }
    }
    return text
  }
}

/// A WebSocket frame as bytes, right or wrong.
func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0, mask: [UInt8]? = nil)
  -> [UInt8]
{
  var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
  let masked: UInt8 = mask == nil ? 0 : 0x80
  switch payload.count {
  case ..<126: bytes.append(masked | UInt8(payload.count))
  case ..<65_536: bytes += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
  default: bytes += [masked | 127] + (0..<8).reversed().map { UInt8(payload.count >> (8 * $0) & 255) }
  }
  guard let mask else { return bytes + payload }
  return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}
