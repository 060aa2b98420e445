// Screen: cells, and everything needed to put text and shapes on them. Pure.
//
//   view(model, size) ──► Surface (cells with roles) ──► Theme + ColorDepth ──► Terminal (drivers) ──► ncurses
//                                   └──► golden tests: a block of text and a block of roles

/// One character cell.
public struct Cell: Sendable, Hashable {
  /// The base character; 0 marks the right half of a wide character to its left.
  public var scalar: UInt32
  /// Up to two combining marks, 0 when absent.
  public var mark1: UInt32
  public var mark2: UInt32
  public var style: Style

  public init(scalar: UInt32, mark1: UInt32 = 0, mark2: UInt32 = 0, style: Style = .plain) {
    self.scalar = scalar
    self.mark1 = mark1
    self.mark2 = mark2
    self.style = style
  }
  public static let blank = Cell(scalar: 0x20)
  /// The right half of a wide character.
  public static let continuation = Cell(scalar: 0)
}

/// A width and a height in cells.
public struct Size: Sendable, Hashable {
  public var width: Int
  public var height: Int
  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }
}

/// A rectangle of cells; x to the right, y down, from 0.
public struct Rect: Sendable, Hashable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }
  public var right: Int { x + width }
  public var bottom: Int { y + height }
  public var isEmpty: Bool { width == 0 || height == 0 }

  /// The rectangle without a margin on every side.
  public func inset(_ dx: Int, _ dy: Int) -> Rect {
    Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
  }
  public func contains(x px: Int, y py: Int) -> Bool { px >= x && px < right && py >= y && py < bottom }
}

/// A grid of cells to draw on. Everything outside is clipped; nothing traps.
public struct Surface: Sendable, Equatable {
  public let size: Size
  /// Row after row.
  public private(set) var cells: [Cell]

  public init(_ size: Size) {
    self.size = size
    cells = Array(repeating: .blank, count: size.width * size.height)
  }

  public var bounds: Rect { Rect(x: 0, y: 0, width: size.width, height: size.height) }

  /// Reading outside gives a blank; writing outside does nothing.
  public subscript(x: Int, y: Int) -> Cell {
    get { x >= 0 && x < size.width && y >= 0 && y < size.height ? cells[y * size.width + x] : .blank }
    set { if x >= 0 && x < size.width && y >= 0 && y < size.height { cells[y * size.width + x] = newValue } }
  }

  /// Fills a rectangle with one character.
  public mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar = " ", _ style: Style = .plain) {
    for y in max(rect.y, 0)..<max(rect.y, 0, min(rect.bottom, size.height)) {
      for x in max(rect.x, 0)..<max(rect.x, 0, min(rect.right, size.width)) {
        cells[y * size.width + x] = Cell(scalar: scalar.value, style: style)
      }
    }
  }

  /// Writes text from (x, y) to the right, at most `width` columns, and returns the columns used.
  ///
  /// Control characters, escape sequences and bidirectional overrides are shown as visible symbols, never passed on.
  /// A wide character that does not fit whole is left out. Combining marks join the character before them.
  @discardableResult
  public mutating func put(_ text: String, x: Int, y: Int, width: Int = .max, _ style: Style = .plain) -> Int {
    var used = 0
    var last = -1
    for scalar in text.unicodeScalars {
      let shown = CharacterWidth.visible(scalar)
      let columns = CharacterWidth.columns(of: shown)
      if columns == 0 {
        guard last >= 0 else { continue }
        if self[last, y].mark1 == 0 { self[last, y].mark1 = shown.value } else { self[last, y].mark2 = shown.value }
        continue
      }
      guard used + columns <= width, x + used + columns <= size.width || x + used < 0 else { break }
      last = x + used
      self[last, y] = Cell(scalar: shown.value, style: style)
      if columns == 2 { self[last + 1, y] = Cell(scalar: 0, style: style) }
      used += columns
    }
    return used
  }

  /// The characters as lines of text, for golden tests and copying. Trailing blanks are kept.
  public var text: String {
    (0..<size.height).map { y in
      var line = String.UnicodeScalarView()
      for x in 0..<size.width {
        let cell = self[x, y]
        for value in [cell.scalar, cell.mark1, cell.mark2] where value != 0 {
          if let scalar = Unicode.Scalar(value) { line.append(scalar) }
        }
      }
      return String(line)
    }.joined(separator: "\n")
  }
}
