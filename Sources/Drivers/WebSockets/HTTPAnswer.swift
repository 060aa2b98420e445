import CWebSockets

/// A plain HTTP answer: a status and one line of text.
struct HTTPAnswer: Equatable {
  var status: Int
  var text: String
  var headers: [(name: String, value: String)]

  init(_ status: Int, _ text: String, _ headers: [(name: String, value: String)] = []) {
    self.status = status
    self.text = text
    self.headers = headers
  }

  static func == (a: HTTPAnswer, b: HTTPAnswer) -> Bool { a.bytes == b.bytes }

  private static let phrases = [
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 426: "Upgrade Required",
    503: "Service Unavailable",
  ]

  /// HTTP/1.1, as it goes over the wire.
  var bytes: [UInt8] {
    var lines = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "")\r\n"
    lines += "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count + 1)\r\n"
    for (name, value) in headers { lines += "\(name): \(value)\r\n" }
    return Array("\(lines)\r\n\(text)\n".utf8)
  }

  /// Writes it. False: it could not be written whole, hang up.
  func write(to wsi: OpaquePointer) -> Bool {
    let answer = bytes
    var buffer = [UInt8](repeating: 0, count: Int(CWS_PRE)) + answer
    return buffer.withUnsafeMutableBufferPointer {
      cws_write(wsi, $0.baseAddress! + Int(CWS_PRE), answer.count, CWS_HTTP) == answer.count
    }
  }
}
