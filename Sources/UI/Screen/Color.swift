/// A colour of the sRGB space, 8 bits a channel.
public struct RGB: Sendable, Hashable {
  public var red, green, blue: UInt8
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
  /// 0xRRGGBB.
  public init(_ value: UInt32) {
    self.init(UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF))
  }
  /// 0xRRGGBB.
  public var value: UInt32 { UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }

  /// The colour a fraction (0…1) of the way to `other`.
  func mixed(with other: RGB, _ fraction: Double) -> RGB {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Double(a) + (Double(b) - Double(a)) * fraction).rounded()) }
    return RGB(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}

/// A colour as a theme names it.
public enum Color: Sendable, Hashable {
  /// The terminal's own foreground or background.
  case standard
  /// An entry of the terminal's palette, 0…255.
  case palette(UInt8)
  case rgb(RGB)

  /// The names of palette entries 0…15.
  public static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]

  /// `#RRGGBB`, `default`, a palette index 0…255, or one of `names`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    if text == "default" {
      self = .standard
    } else if text.first == "#" {
      let digits = text.dropFirst()
      guard digits.utf8.count == 6, digits.utf8.allSatisfy(Self.isHexDigit), let value = UInt32(digits, radix: 16)
      else { return nil }
      self = .rgb(RGB(value))
    } else if let index = Self.names.firstIndex(of: String(text)) {
      self = .palette(UInt8(index))
    } else if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let index = UInt8(text) {
      self = .palette(index)
    } else {
      return nil
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// The colour on a terminal with xterm's palette; nil for the terminal's own.
  public var rgb: RGB? {
    switch self {
    case .standard: nil
    case .palette(let index): Palette.rgb(index)
    case .rgb(let rgb): rgb
    }
  }
}
