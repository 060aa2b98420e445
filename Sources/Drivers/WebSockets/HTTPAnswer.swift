import Admission
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

  init(_ refusal: Refusal) {
    self.init(refusal.status, refusal.text, refusal.headers.map { ($0.name, $0.value) })
  }

  static func == (a: HTTPAnswer, b: HTTPAnswer) -> Bool { a.bytes() == b.bytes() }

  private static let phrases = [
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 426: "Upgrade Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
    503: "Service Unavailable",
  ]

  /// HTTP/1.1, as it goes over the wire. No page may show it as its own, or guess another type for it.
  /// - Parameter isHead: the head alone, as HEAD asks for.
  func bytes(isHead: Bool = false) -> [UInt8] {
    var lines = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "")\r\n"
    lines += "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count + 1)\r\n"
    lines += "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
    for (name, value) in headers { lines += "\(name): \(value)\r\n" }
    return Array("\(lines)\r\n\(isHead ? "" : "\(text)\n")".utf8)
  }

  /// Writes it. False: it could not be written whole, hang up.
  func write(to wsi: OpaquePointer, isHead: Bool = false) -> Bool {
    let answer = bytes(isHead: isHead)
    var buffer = [UInt8](repeating: 0, count: Int(CWS_PRE)) + answer
    return buffer.withUnsafeMutableBufferPointer {
      cws_write(wsi, $0.baseAddress! + Int(CWS_PRE), answer.count, CWS_HTTP) == answer.count
    }
  }
}
