/// How many colours a terminal shows.
public enum ColorDepth: Int, Sendable, Comparable, CaseIterable {
  /// None: attributes only.
  case mono
  /// The eight ANSI colours; bold makes the bright ones.
  case eight
  case sixteen
  /// xterm's 256: 16 of the user's own, a 6×6×6 cube, 24 greys.
  case indexed
  /// 24 bits, named directly (terminal types that end in `-direct`).
  case direct

  /// As flags and settings name them, deepest first.
  public static let names: [(String, ColorDepth)] = [
    ("truecolour", .direct), ("256", .indexed), ("16", .sixteen), ("8", .eight), ("mono", .mono),
  ]
  /// As flags and settings name it.
  public var name: String { Self.names.first { $0.1 == self }!.0 }

  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }
}

/// xterm's palette.
public enum Palette {
  /// The colour of an entry. The first 16 are xterm's defaults; users change them.
  public static func rgb(_ index: UInt8) -> RGB {
    switch index {
    case 0..<16: return first[Int(index)]
    case 16..<232:
      let i = Int(index) - 16
      func step(_ n: Int) -> UInt8 { n == 0 ? 0 : UInt8(55 + 40 * n) }
      return RGB(step(i / 36), step(i / 6 % 6), step(i % 6))
    default:
      let grey = UInt8(8 + 10 * (Int(index) - 232))
      return RGB(grey, grey, grey)
    }
  }

  /// The nearest entry of the cube and the greys (16…255), by CIELAB; the first 16 are not the same everywhere.
  public static func nearest(_ color: RGB) -> UInt8 {
    let wanted = color.lab
    return nearest { wanted.distance(to: $0) }
  }

  /// The nearest entry for text that is to have `contrast` (WCAG 2.1) on every ground of `grounds`; simply the nearest
  /// where no entry has it, or where the colour itself has not.
  ///
  /// The cube's steps are coarse: the nearest entry of a readable colour may be an unreadable one.
  public static func nearest(_ color: RGB, contrast: Double, on grounds: [RGB]) -> UInt8 {
    let first = nearest(color)
    func isReadable(_ text: RGB) -> Bool { grounds.allSatisfy { text.contrast(with: $0) >= contrast } }
    guard !isReadable(rgb(first)), isReadable(color) else { return first }
    let readable = (16...255).map(UInt8.init).filter { isReadable(rgb($0)) }
    let wanted = color.lab
    func distance(_ index: UInt8) -> Double { wanted.distance(to: fixedLabs[Int(index) - 16]) }
    return readable.min { distance($0) < distance($1) } ?? first
  }

  /// The nearest entry for a background: near in lightness above all, which is what text is read against. A dark violet
  /// becomes a dark grey, not the cube's darkest violet, which is a middle one.
  public static func nearestGround(_ color: RGB) -> UInt8 {
    let wanted = color.lab
    return nearest { lab in
      let (dl, da, db) = (3 * (wanted.lightness - lab.lightness), wanted.a - lab.a, wanted.b - lab.b)
      return dl * dl + da * da + db * db
    }
  }

  private static func nearest(_ distance: (Lab) -> Double) -> UInt8 {
    var best: UInt8 = 16
    var least = Double.infinity
    for (i, lab) in fixedLabs.enumerated() {
      let d = distance(lab)
      if d < least { (best, least) = (UInt8(16 + i), d) }
    }
    return best
  }

  /// The nearest of the 16 ANSI colours: by hue when the colour has one, then by lightness.
  ///
  /// Plain distance turns every soft colour into a grey, and the hue is what tells actors apart.
  public static func nearestANSI(_ color: RGB) -> UInt8 {
    let wanted = color.lab
    let chroma = (wanted.a * wanted.a + wanted.b * wanted.b).squareRoot()
    guard chroma >= 12 else {
      switch wanted.lightness {
      case ..<20: return 0
      case ..<62: return 8
      case ..<92: return 7
      default: return 15
      }
    }
    // The bright entries have the same hues as the plain ones, and are purer.
    let hue = (9..<15).max { cosine(wanted, first[$0].lab) < cosine(wanted, first[$1].lab) } ?? 15
    return UInt8(wanted.lightness >= 60 ? hue : hue - 8)
  }

  private static func cosine(_ x: Lab, _ y: Lab) -> Double {
    (x.a * y.a + x.b * y.b)
      / ((x.a * x.a + x.b * x.b).squareRoot() * (y.a * y.a + y.b * y.b).squareRoot() + .leastNormalMagnitude)
  }

  private static let first: [RGB] = [
    RGB(0x000000), RGB(0xCD0000), RGB(0x00CD00), RGB(0xCDCD00), RGB(0x0000EE), RGB(0xCD00CD), RGB(0x00CDCD),
    RGB(0xE5E5E5), RGB(0x7F7F7F), RGB(0xFF0000), RGB(0x00FF00), RGB(0xFFFF00), RGB(0x5C5CFF), RGB(0xFF00FF),
    RGB(0x00FFFF), RGB(0xFFFFFF),
  ]
  private static let fixedLabs: [Lab] = (16...255).map { rgb(UInt8($0)).lab }
}
