/// Numbers with units, as filters spell them.
enum FilterQuantity {
  /// `840`, `4k`, `1.5M`, `64ki`, each with or without `B`: a count below 10¹⁵. `k` is 1000, `ki` 1024.
  static func parse(_ text: Substring) -> Int? {
    var text = text
    if text.count > 1, text.hasSuffix("B") || text.hasSuffix("b") { text.removeLast() }
    let units: [(String, Double)] = [("ki", 1024), ("mi", 1_048_576), ("k", 1e3), ("m", 1e6), ("", 1)]
    let lower = text.lowercased()
    guard let (suffix, scale) = units.first(where: { lower.hasSuffix($0.0) }) else { return nil }
    guard let value = decimal(lower.dropLast(suffix.count)), value * scale < 1e15 else { return nil }
    return Int((value * scale).rounded())
  }

  /// `500ms`, `30s`, `1.5m`, `2h`: milliseconds, below 10¹². Nothing without a unit.
  static func milliseconds(_ text: Substring) -> Int? {
    let units: [(String, Double)] = [("ms", 1), ("s", 1e3), ("m", 60e3), ("h", 3600e3)]
    guard let (suffix, scale) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
    guard let value = decimal(text.dropLast(suffix.count)), value * scale < 1e12 else { return nil }
    return Int((value * scale).rounded())
  }

  /// The spelling that `milliseconds` reads back as the same number.
  static func text(milliseconds: Int) -> String {
    for (suffix, scale) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)]
    where milliseconds != 0 && milliseconds % scale == 0 {
      return "\(milliseconds / scale)\(suffix)"
    }
    return "\(milliseconds)ms"
  }

  /// Digits, with or without a point and more digits. No sign, no exponent.
  private static func decimal(_ text: some StringProtocol) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return nil }
    return Double(text)
  }
}

extension FilterMoment {
  private static let day = 86_400_000

  /// `-30s`, `90s`, `12:04`, `12:04:09`, `12:04:09.112`; nil for anything else.
  init?(parsing text: String) {
    if text.contains(":") {
      guard let ms = Self.clock(text) else { return nil }
      self = .clock(ms: ms)
    } else if text.hasPrefix("-"), let ms = FilterQuantity.milliseconds(text.dropFirst()) {
      self = .before(ms: ms)
    } else if let ms = FilterQuantity.milliseconds(text[...]) {
      self = .elapsed(ms: ms)
    } else {
      return nil
    }
  }

  private static func clock(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hours = number(parts[0], below: 24),
      let minutes = number(parts[1], below: 60)
    else { return nil }
    var ms = (hours * 60 + minutes) * 60_000
    guard parts.count == 3 else { return ms }
    let pieces = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard pieces.count <= 2, let seconds = number(pieces[0], below: 60) else { return nil }
    ms += seconds * 1000
    guard pieces.count == 2 else { return ms }
    guard (1...3).contains(pieces[1].count), let fraction = number(pieces[1], below: 1000) else { return nil }
    return ms + fraction * [100, 10, 1][pieces[1].count - 1]
  }

  private static func number(_ text: Substring, below limit: Int) -> Int? {
    guard !text.isEmpty, text.count <= 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
      number < limit
    else { return nil }
    return number
  }
}
