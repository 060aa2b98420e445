/// The status line and the headers of an HTTP answer.
public struct AnswerHead: Sendable, Equatable {
  /// As in `1.1`.
  public var version: String
  public var status: Int
  /// What stands behind the status, as in `Not Found`.
  public var phrase: String
  /// In order, names as sent.
  public var headers: [Header]

  /// One header line.
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  /// The values of a header, joined by commas as RFC 9110 section 5.3 does; nil when it is absent.
  public func value(_ name: String) -> String? {
    let values = headers.filter { $0.name.lowercased() == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }
}

/// Reads the answer to a request that wants to change the protocol: an upgrade, or CONNECT to a proxy. Interim answers
/// (100, 102, 103) are skipped. A refusal is read with the beginning of its body.
public struct AnswerReader: Sendable {
  /// How far it is.
  public enum State: Sendable, Equatable {
    /// More has to come.
    case head
    /// The protocol has changed (101, or 2xx to CONNECT); `rest` holds the bytes behind the head.
    case switched
    /// A refusal, of which the body is still coming.
    case body
    /// A refusal, whole as far as it is read.
    case complete
    /// The first bytes are no HTTP.
    case notHTTP
    /// The headers are longer than the limit.
    case tooLong
    /// HTTP, but a header line or the status line is broken.
    case broken
  }

  /// The longest head, interim answers counted one by one.
  public static let headLimit = 32_768
  /// Bytes of a refusal's body that are read.
  public static let bodyLimit = 16_384
  /// Interim answers that are skipped before it is too much.
  private static let interimLimit = 32

  public private(set) var state = State.head
  public private(set) var head: AnswerHead?
  /// The bytes behind a head that changed the protocol; or all bytes, when the answer is not HTTP.
  public private(set) var rest: [UInt8] = []
  private let isConnect: Bool
  private var buffer: [UInt8] = []
  private var interimCount = 0

  /// - Parameter isConnect: the request was CONNECT.
  public init(isConnect: Bool = false) { self.isConnect = isConnect }

  /// Takes the next bytes.
  public mutating func read(_ bytes: some Sequence<UInt8>) {
    switch state {
    case .head:
      buffer += bytes
      readHead()
    case .body:
      buffer += bytes.prefix(Self.bodyLimit - min(Self.bodyLimit, buffer.count))
      if isBodyWhole { state = .complete }
    case .notHTTP: rest += bytes.prefix(512 - min(512, rest.count))
    case .switched: rest += bytes
    case .complete, .tooLong, .broken: break
    }
  }

  /// Whether anything came at all, and how it looks; for an answer that ended in the middle.
  public var beginning: [UInt8] { state == .notHTTP ? rest : Array(buffer.prefix(512)) }

  /// The body's first bytes, chunks joined.
  public var body: [UInt8] {
    guard isChunked else {
      return Array(buffer.prefix(contentLength ?? Int.max))
    }
    return Self.dechunk(buffer).bytes
  }

  private mutating func readHead() {
    while state == .head {
      let expected = Array("HTTP/".utf8)
      guard buffer.starts(with: expected.prefix(buffer.count)) else {
        state = .notHTTP
        rest = Array(buffer.prefix(512))
        return
      }
      guard let end = Self.endOfHead(buffer) else {
        if buffer.count > Self.headLimit { state = .tooLong }
        return
      }
      guard end.lowerBound <= Self.headLimit else {
        state = .tooLong
        return
      }
      guard let head = Self.parse(buffer[..<end.lowerBound]) else {
        state = .broken
        return
      }
      self.head = head
      buffer.removeSubrange(..<end.upperBound)
      if (100..<200).contains(head.status), head.status != 101 {
        interimCount += 1
        if interimCount > Self.interimLimit { state = .broken }
        continue
      }
      if isConnect ? (200..<300).contains(head.status) : head.status == 101 {
        state = .switched
        swap(&rest, &buffer)
      } else {
        buffer = Array(buffer.prefix(Self.bodyLimit))
        state = isBodyWhole ? .complete : .body
      }
    }
  }

  private var contentLength: Int? { head?.value("content-length").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
  private var isChunked: Bool { head?.value("transfer-encoding")?.lowercased().contains("chunked") == true }

  private var isBodyWhole: Bool {
    if buffer.count >= Self.bodyLimit { return true }
    if let status = head?.status, status == 204 || status == 304 { return true }
    if isChunked { return Self.dechunk(buffer).isWhole }
    return contentLength.map { buffer.count >= $0 } ?? false
  }

  /// The empty line; servers that end lines by a bare newline exist.
  private static func endOfHead(_ bytes: [UInt8]) -> Range<Int>? {
    var index = 0
    while let newline = bytes[index...].firstIndex(of: 0x0a) {
      let next = newline + 1
      if next < bytes.count, bytes[next] == 0x0a { return newline..<next + 1 }
      if next + 1 < bytes.count, bytes[next] == 0x0d, bytes[next + 1] == 0x0a { return newline..<next + 2 }
      index = next
    }
    return nil
  }

  private static func parse(_ bytes: ArraySlice<UInt8>) -> AnswerHead? {
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
    }
    let start = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard start.count >= 2, start[0].hasPrefix("HTTP/"), start[1].utf8.count == 3, let status = Int(start[1]),
      (100..<1000).contains(status)
    else { return nil }
    var headers: [AnswerHead.Header] = []
    for line in lines.dropFirst() {
      if let first = line.first, first == " " || first == "\t", !headers.isEmpty {
        // A folded line belongs to the one before it (RFC 9112 section 5.2).
        headers[headers.count - 1].value += " " + UpgradeOffer.trimmed(line)
        continue
      }
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
        if line.isEmpty { continue }
        return nil
      }
      headers.append(
        .init(
          name: UpgradeOffer.trimmed(String(line[..<colon])),
          value: UpgradeOffer.trimmed(String(line[line.index(after: colon)...]))))
    }
    return AnswerHead(
      version: String(start[0].dropFirst(5)), status: status, phrase: start.count > 2 ? String(start[2]) : "",
      headers: headers)
  }

  /// Joins the chunks of RFC 9112 section 7.1.
  private static func dechunk(_ bytes: [UInt8]) -> (bytes: [UInt8], isWhole: Bool) {
    var result: [UInt8] = []
    var index = 0
    while let newline = bytes[index...].firstIndex(of: 0x0a) {
      let line = String(decoding: bytes[index..<newline], as: UTF8.self)
      guard let count = Int(line.prefix { $0.isHexDigit }, radix: 16), count >= 0 else { return (result, true) }
      if count == 0 { return (result, true) }
      let start = newline + 1
      result += bytes[start..<min(start + min(count, bodyLimit), bytes.count)]
      guard count <= bodyLimit, start + count < bytes.count else { return (result, false) }
      // The chunk's own line end.
      guard let end = bytes[(start + count)...].firstIndex(of: 0x0a) else { return (result, false) }
      index = end + 1
    }
    return (result, false)
  }
}

/// Whether a 101 answers the offer as RFC 6455 section 4.1 demands.
public enum UpgradeCheck {
  /// What is wrong with it, in words; nil when the connection is open.
  /// - Parameter accept: the value that Sec-WebSocket-Accept must have.
  public static func fault(in head: AnswerHead, offered: [String], accept: String) -> String? {
    if head.version != "1.1" {
      return "HTTP/\(PeerText.shown(head.version, limit: 8)), in which nothing can be upgraded: HTTP/1.1 is needed"
    }
    func has(_ name: String, _ token: String) -> Bool {
      head.value(name)?.lowercased().split(separator: ",").contains { UpgradeOffer.trimmed(String($0)) == token }
        ?? false
    }
    if !has("upgrade", "websocket") || !has("connection", "upgrade") {
      return "no proper Upgrade and Connection headers"
    }
    guard let given = head.value("sec-websocket-accept") else { return "no Sec-WebSocket-Accept" }
    if given != accept { return "a wrong Sec-WebSocket-Accept" }
    if let chosen = head.value("sec-websocket-protocol"), !offered.contains(chosen) {
      return "a subprotocol that was not offered, “\(PeerText.shown(chosen, limit: 60))”; "
        + (offered.isEmpty ? "none was: --subprotocol offers one" : "offered: \(offered.joined(separator: ", "))")
    }
    if let chosen = head.value("sec-websocket-extensions"), !chosen.isEmpty {
      return "an extension that was not offered, “\(PeerText.shown(chosen, limit: 60))”"
    }
    return nil
  }
}
