/// A number of a peer's message, as peers write them: as a number, with or without a fraction that is zero, or in a string.
///
/// Telephony and Python bridges put all numbers in strings; others write `24000.0`.
struct LenientNumber: Decodable {
  /// A finite number; nil when the value is not a number.
  let value: Double?
  /// What stood there, in short.
  let text: String
  /// A number without a fraction, beyond what doubles hold exactly, too.
  private var exact: Int?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    exact = try? container.decode(Int.self)
    if let number = try? container.decode(Double.self) {
      (value, text) = (number.isFinite ? number : nil, Self.short(number))
    } else if let string = try? container.decode(String.self) {
      (value, text) = (Self.number(string), "\"\(LoneSurrogates.settled(string).prefix(40))\"")
    } else {
      (value, text) = (nil, "no number")
    }
  }

  /// As an integer.
  var integer: Int? {
    if let exact { return exact }
    guard let value, abs(value) <= 9_007_199_254_740_992 else { return nil }
    return Int(exactly: value)
  }

  /// As an integer within a range.
  func integer(in range: ClosedRange<Int>) -> Int? { integer.flatMap { range.contains($0) ? $0 : nil } }

  /// A time in milliseconds: not negative, and less than 3 000 years.
  var milliseconds: Double? { value.flatMap { (0...1e14).contains($0) ? $0 : nil } }

  private static func short(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  /// Decimal, as JSON has it, spaces around it; Swift alone would read `nan`, `inf` and hexadecimal, too.
  private static func number(_ text: String) -> Double? {
    let trimmed = text.drop(while: \.isWhitespace)
    guard trimmed.utf8.count <= 64 else { return nil }
    let end = trimmed.lastIndex { !$0.isWhitespace }.map(trimmed.index(after:)) ?? trimmed.startIndex
    let digits = trimmed[..<end]
    guard digits.utf8.contains(where: { (0x30...0x39).contains($0) }),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }), let value = Double(digits)
    else { return nil }
    return value.isFinite ? value : nil
  }
}
