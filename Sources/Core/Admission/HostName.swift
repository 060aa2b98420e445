/// A host as it stands in an origin, in a `Host` header or in an address, in one form: two spellings of one host are
/// equal.
public enum HostName: Hashable, Sendable {
  /// Lower case, without a trailing dot.
  case name(String)
  case ipv4(UInt32)
  case ipv6([UInt16])

  /// Nil when the text is not a host: empty, with characters that a host name does not have, or a broken address.
  ///
  /// Numbers are read as browsers read them (URL Standard, "host parsing"): `127.1`, `0x7f000001` and `2130706433` are
  /// 127.0.0.1.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= 255 else { return nil }
    var text = text.lowercased()[...]
    if text.hasPrefix("["), text.hasSuffix("]") {
      guard let groups = Self.groups(text.dropFirst().dropLast()) else { return nil }
      // An IPv4 address in IPv6's clothes is the IPv4 address.
      self =
        groups.prefix(5).allSatisfy { $0 == 0 } && groups[5] == 0xffff
        ? .ipv4(UInt32(groups[6]) << 16 | UInt32(groups[7])) : .ipv6(groups)
      return
    }
    if text.hasSuffix(".") { text = text.dropLast() }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard !text.isEmpty, labels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isNameByte) }) else { return nil }
    if Self.isNumber(labels.last!) {
      guard let address = Self.ipv4(labels) else { return nil }
      self = .ipv4(address)
    } else {
      self = .name(String(text))
    }
  }

  /// An address as a socket tells it: IPv6 without brackets.
  public init?(address: String) {
    self.init(address.contains(":") ? "[\(address)]" : address)
  }

  /// Whether it stands for this machine and cannot be made to stand for another one: `localhost` and what ends in
  /// `.localhost` (RFC 6761), 127.0.0.0/8, `::1`.
  public var isLoopback: Bool {
    switch self {
    case .name(let name): name == "localhost" || name.hasSuffix(".localhost")
    case .ipv4(let address): address >> 24 == 127
    case .ipv6(let groups): groups == [0, 0, 0, 0, 0, 0, 0, 1]
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Whether a browser would take a host that ends in this label for an IPv4 address.
  private static func isNumber(_ label: Substring) -> Bool { label.utf8.allSatisfy(isDigit) || number(label) != nil }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Decimal, octal with a leading 0, hexadecimal with a leading 0x.
  private static func number(_ label: Substring) -> UInt32? {
    if label.hasPrefix("0x") { return label.count == 2 ? 0 : UInt32(label.dropFirst(2), radix: 16) }
    guard label.utf8.allSatisfy(isDigit) else { return nil }
    return label.count > 1 && label.hasPrefix("0") ? UInt32(label, radix: 8) : UInt32(label)
  }

  /// One to four numbers, of which the last fills what is left.
  private static func ipv4(_ labels: [Substring]) -> UInt32? {
    let numbers = labels.compactMap(number)
    guard labels.count <= 4, numbers.count == labels.count else { return nil }
    guard numbers.dropLast().allSatisfy({ $0 <= 255 }) else { return nil }
    let last = UInt64(numbers.last!)
    guard last < UInt64(1) << (8 * UInt64(5 - numbers.count)) else { return nil }
    let leading = numbers.dropLast().enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << UInt64(24 - 8 * $1.offset)
    }
    return UInt32(leading | last)
  }

  /// The eight groups of an IPv6 address; nil for what is none. A zone is none of a host's business.
  private static func groups(_ text: Substring) -> [UInt16]? {
    guard let gap = text.range(of: "::") else {
      let all = groups(withoutGap: text)
      return all?.count == 8 ? all : nil
    }
    guard let head = groups(withoutGap: text[..<gap.lowerBound]),
      let tail = groups(withoutGap: text[gap.upperBound...]),
      head.count + tail.count < 8
    else { return nil }
    return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
  }

  private static func groups(withoutGap text: Substring) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains(".") {
        let labels = part.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count == 4, let address = ipv4(labels) else { return nil }
        groups += [UInt16(address >> 16), UInt16(address & 0xffff)]
      } else {
        guard (1...4).contains(part.utf8.count),
          part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
          let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }
}

extension Substring {
  /// Where a text stands first.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
