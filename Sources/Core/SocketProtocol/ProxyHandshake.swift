/// What is said to a proxy before the connection behind it is there: CONNECT (RFC 9110 section 9.3.6), or SOCKS 5
/// (RFC 1928, with the password of RFC 1929).
public struct ProxyHandshake: Sendable {
  /// What follows from the proxy's bytes.
  public enum Step: Sendable, Equatable {
    /// More has to come.
    case wait
    case send([UInt8])
    /// The way is open; `rest` is what the server behind it has sent already.
    case open(rest: [UInt8])
    case refused(Refusal)
  }

  /// Why a proxy did not open the way.
  public enum Refusal: Sendable, Equatable {
    /// It answered CONNECT with a status.
    case status(AnswerHead, body: [UInt8])
    /// It wants a user and a password, and none (or a wrong one) was given.
    case credential(isGiven: Bool)
    /// In words, as SOCKS has them.
    case words(String)
    /// The answer is not one that such a proxy gives.
    case notAProxy([UInt8])
  }

  private enum Stage: Sendable { case connect, method, password, request, done }

  private let proxy: Proxy
  private let host: String
  private let port: Int
  private var stage: Stage
  private var reader = AnswerReader(isConnect: true)
  private var buffer: [UInt8] = []

  /// - Parameters:
  ///   - host: where the connection shall lead; IPv6 without brackets. An IP address for `socks5`.
  public init(_ proxy: Proxy, host: String, port: Int) {
    self.proxy = proxy
    self.host = host
    self.port = port
    stage = proxy.isSOCKS ? .method : .connect
  }

  /// The kinds that are spoken here.
  public static func speaks(_ kind: Proxy.Kind) -> Bool { [.http, .socks5, .socks5h].contains(kind) }

  /// The first bytes to send.
  public func opening(base64: (([UInt8]) -> String)) -> [UInt8] {
    if proxy.isSOCKS { return proxy.userInfo == nil ? [5, 1, 0] : [5, 2, 0, 2] }
    let authority = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    var lines = ["CONNECT \(authority) HTTP/1.1", "Host: \(authority)"]
    if let userInfo = proxy.userInfo {
      let text = userInfo.contains(":") ? userInfo : userInfo + ":"
      lines.append("Proxy-Authorization: Basic \(base64(Array(text.utf8)))")
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// Takes the proxy's next bytes.
  public mutating func read(_ bytes: some Sequence<UInt8>) -> Step {
    if stage == .connect { return readAnswer(bytes) }
    buffer += bytes
    return readSOCKS()
  }

  /// What is known of a refusal whose end never came.
  public var pendingRefusal: Refusal? {
    if let head = reader.head { return .status(head, body: reader.body) }
    let beginning = stage == .connect ? reader.beginning : buffer
    return beginning.isEmpty ? nil : .notAProxy(beginning)
  }

  private mutating func readAnswer(_ bytes: some Sequence<UInt8>) -> Step {
    reader.read(bytes)
    switch reader.state {
    case .head, .body: return .wait
    case .switched: return .open(rest: reader.rest)
    case .complete:
      guard let head = reader.head else { return .wait }
      if head.status == 407 { return .refused(.credential(isGiven: proxy.userInfo != nil)) }
      return .refused(.status(head, body: reader.body))
    case .notHTTP, .tooLong, .broken: return .refused(.notAProxy(reader.beginning))
    }
  }

  private mutating func readSOCKS() -> Step {
    guard let first = buffer.first else { return .wait }
    guard first == (stage == .password ? 1 : 5) else { return .refused(.notAProxy(buffer)) }
    guard buffer.count >= 2 else { return .wait }
    let second = buffer[1]
    switch stage {
    case .method:
      buffer.removeFirst(2)
      switch second {
      case 0: return request()
      case 2:
        guard let userInfo = proxy.userInfo else { return .refused(.credential(isGiven: false)) }
        stage = .password
        let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let (user, password) = (
          Array(parts[0].utf8.prefix(255)), Array((parts.count > 1 ? parts[1] : "").utf8.prefix(255))
        )
        return .send([1, UInt8(user.count)] + user + [UInt8(password.count)] + password)
      default: return .refused(.credential(isGiven: proxy.userInfo != nil))
      }
    case .password:
      buffer.removeFirst(2)
      return second == 0 ? request() : .refused(.credential(isGiven: true))
    case .request: return readReply(second)
    case .connect, .done: return .wait
    }
  }

  private mutating func request() -> Step {
    stage = .request
    var bytes: [UInt8] = [5, 1, 0]
    if let address = IPAddressBytes.parse(host) {
      bytes += [address.count == 4 ? 1 : 4] + address
    } else {
      guard host.utf8.count <= 255 else { return .refused(.words("the host name is longer than 255 bytes")) }
      bytes += [3, UInt8(host.utf8.count)] + Array(host.utf8)
    }
    return .send(bytes + [UInt8(port >> 8 & 0xff), UInt8(port & 0xff)])
  }

  private mutating func readReply(_ reply: UInt8) -> Step {
    guard reply == 0 else { return .refused(.words(Self.words(reply))) }
    guard buffer.count >= 5 else { return .wait }
    let length: Int
    switch buffer[3] {
    case 1: length = 4 + 4 + 2
    case 3: length = 4 + 1 + Int(buffer[4]) + 2
    case 4: length = 4 + 16 + 2
    default: return .refused(.notAProxy(buffer))
    }
    guard buffer.count >= length else { return .wait }
    stage = .done
    return .open(rest: Array(buffer.dropFirst(length)))
  }

  /// RFC 1928 section 6.
  private static func words(_ reply: UInt8) -> String {
    switch reply {
    case 1: "general failure"
    case 2: "its rules do not allow the connection"
    case 3: "the network is unreachable from there"
    case 4: "the host is unreachable from there"
    case 5: "the server refused the connection"
    case 6: "the time to live expired"
    case 7: "it knows no CONNECT"
    case 8: "it does not know this kind of address"
    default: "reply \(reply)"
    }
  }
}

extension Proxy {
  /// Whether it speaks SOCKS rather than HTTP.
  public var isSOCKS: Bool {
    switch kind {
    case .http, .https: false
    case .socks4, .socks4a, .socks5, .socks5h: true
    }
  }

  /// Whether the name of the server is looked up here and not by the proxy.
  public var wantsAddress: Bool { kind == .socks5 }
}
