import Glibc
import Threads

/// A small HTTP server on a free loopback port, for one request on each connection.
///
/// The handler gets the request and writes the raw response in the pieces it likes.
public final class LoopbackHTTPServer: Sendable {
  /// A request, and the way to answer it.
  public final class Exchange {
    public let head: String
    public let body: String
    private let descriptor: Int32
    init(head: String, body: String, descriptor: Int32) {
      self.head = head
      self.body = body
      self.descriptor = descriptor
    }

    /// Writes at once; false when the client has gone.
    @discardableResult
    public func write(_ text: String) -> Bool { write(bytes: Array(text.utf8)) }

    /// Writes at once; false when the client has gone.
    @discardableResult
    public func write(bytes: [UInt8]) -> Bool {
      var bytes = bytes[...]
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBufferPointer { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return false }
        bytes = bytes.dropFirst(count)
      }
      return true
    }

    /// Waits until the client closes its side.
    public func waitForClientToGo() {
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) > 0 {}
    }
  }

  public let port: Int
  private let listener: Int32
  private let thread: NamedThread

  public init(handler: @escaping @Sendable (Exchange) -> Void) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        precondition(bind(listener, address, length) == 0)
        precondition(listen(listener, 8) == 0)
        precondition(getsockname(listener, address, &length) == 0)
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    self.listener = listener
    thread = NamedThread("http-server") {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        if let exchange = Self.readRequest(connection) { handler(exchange) }
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    thread.join()
    close(listener)
  }

  private static func readRequest(_ descriptor: Int32) -> Exchange? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(ofHeadEnd: "\r\n\r\n") {
        let head = String(text[..<end.lowerBound])
        let body = text[end.upperBound...]
        let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let wanted = field.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        // Counted before bytes that are no text were replaced by longer ones.
        let headCount = text.utf8.distance(from: text.startIndex, to: end.upperBound)
        if bytes.count - headCount >= wanted { return Exchange(head: head, body: String(body), descriptor: descriptor) }
      }
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return nil }
      bytes += buffer.prefix(count)
    }
  }
}

extension String {
  /// The first place of the mark.
  fileprivate func range(ofHeadEnd mark: String) -> Range<String.Index>? {
    let bytes = utf8
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index...].starts(with: mark.utf8) {
        return index..<bytes.index(index, offsetBy: mark.utf8.count)
      }
      index = bytes.index(after: index)
    }
    return nil
  }
}
