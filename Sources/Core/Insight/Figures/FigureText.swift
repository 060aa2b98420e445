import Timeline

/// A figure as it is shown: the number, and the unit behind it. Panes, summaries and lists show figures in this one form.
public struct FigureText: Sendable, Equatable, CustomStringConvertible {
  /// As in `640`, `1 240`, `12.4`; `–` where there is none.
  public let number: String
  /// As in `ms` or `MB`; empty for counts, and where there is no number.
  public let unit: String

  /// - Parameter value: nil where there is none.
  public init(_ value: Double?, _ unit: Figure.Unit) {
    guard let value else {
      (number, self.unit) = (NumberText.none, "")
      return
    }
    (number, self.unit) =
      switch unit {
      case .count: (NumberText.grouped(Int(saturating: value)), "")
      case .ms: (NumberText.milliseconds(value), "ms")
      case .s: (NumberText.fixed(value, 1), "s")
      case .bytes: NumberText.scaledBytes(Int(saturating: value))
      case .bytesPerSecond: (NumberText.grouped(Int(saturating: value.rounded())), "B/s")
      case .percent: (NumberText.fixed(value, 0), "%")
      case .ppm: (NumberText.fixed(value, 0), "ppm")
      case .ratio: (NumberText.fixed(value, 1), "×")
      }
  }

  /// As in `640 ms`, `3`, `1.4×`.
  public var description: String {
    switch unit {
    case "", "×": number + unit
    default: "\(number) \(unit)"
    }
  }
}

/// Numbers as text.
public enum NumberText {
  /// What stands where there is no number.
  public static let none = "–"

  /// Groups of three apart: `9 811`.
  public static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude).utf8)
    var text = number < 0 ? "-" : ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { text += " " }
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
  }

  /// `number` with `places` decimals (0 to 3), rounded half away from zero; `–` for infinity, for NaN and beyond 1e15.
  public static func fixed(_ number: Double, _ places: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return none }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(number) * scale).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    let decimals = String(scaled % Int(scale))
    return sign + String(scaled / Int(scale)) + "." + String(repeating: "0", count: places - decimals.utf8.count)
      + decimals
  }

  /// Milliseconds: `0`, `1.2`, `12`, `1 240`.
  public static func milliseconds(_ ms: Double) -> String {
    ms == 0 ? "0" : abs(ms) < 9.95 ? fixed(ms, 1) : abs(ms) < 1e12 ? grouped(Int(ms.rounded())) : none
  }

  /// `840 B`, `52 480 B`, `12.4 MB`.
  public static func bytes(_ count: Int) -> String {
    let (number, unit) = scaledBytes(count)
    return "\(number) \(unit)"
  }

  static func scaledBytes(_ count: Int) -> (String, String) {
    count < 1_000_000 ? (grouped(count), "B") : (fixed(Double(count) / 1e6, 1), "MB")
  }

  /// `1 word`, `3 words`.
  public static func count(_ number: Int, _ thing: String) -> String {
    "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }
}
