// Screen: cells, and everything needed to put text and shapes on them. Pure.
//
//   view(model, size) ──► Surface (cells with roles) ──► Theme + ColorDepth ──► Terminal (drivers) ──► ncurses
//                                   └──► golden tests: a block of text and a block of roles

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
  ///
  /// Writing over one half of a wide character blanks its other half.
  public subscript(x: Int, y: Int) -> Cell {
    get { x >= 0 && x < size.width && y >= 0 && y < size.height ? cells[y * size.width + x] : .blank }
    set {
      guard x >= 0 && x < size.width && y >= 0 && y < size.height else { return }
      if newValue.scalar != 0 {
        let isWide = Unicode.Scalar(newValue.scalar).map { CharacterWidth.columns(of: $0) == 2 } ?? false
        separate(y, from: x, to: isWide ? x + 2 : x + 1)
      }
      cells[y * size.width + x] = newValue
    }
  }

  /// Blanks the outer halves of wide characters that straddle the ends of the columns from `start` to before `end`.
  private mutating func separate(_ y: Int, from start: Int, to end: Int) {
    let row = y * size.width
    if start > 0, start < size.width, cells[row + start].scalar == 0 {
      cells[row + start - 1] = Cell(scalar: 0x20, style: cells[row + start - 1].style)
    }
    if end > 0, end < size.width, cells[row + end].scalar == 0 {
      cells[row + end] = Cell(scalar: 0x20, style: cells[row + end].style)
    }
  }

  /// Fills a rectangle with one character of one column.
  public mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar = " ", _ style: Style = .plain) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    let cell = Cell(scalar: CharacterWidth.visible(scalar).value, style: style)
    for y in area.y..<area.bottom { separate(y, from: area.x, to: area.right) }
    let width = size.width
    cells.withUnsafeMutableBufferPointer { cells in
      for y in area.y..<area.bottom {
        for x in area.x..<area.right { cells[y * width + x] = cell }
      }
    }
  }

  /// Gives the cells of a rectangle another style; their characters stay.
  public mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    let width = size.width
    cells.withUnsafeMutableBufferPointer { cells in
      for y in area.y..<area.bottom {
        for x in area.x..<area.right { change(&cells[y * width + x].style) }
      }
    }
  }

  /// Puts the cursor on a row: it keeps its colours on the selection's background, and nothing in it is dim.
  public mutating func select(_ rect: Rect) {
    restyle(rect) { style in
      if style.role == .dim { style.role = .text }
      style.emphasis.insert(.selected)
    }
  }

  /// Writes text from (x, y) to the right, at most `width` columns, and returns the columns used.
  ///
  /// Control characters, escape sequences and bidirectional overrides are shown as visible symbols, never passed on.
  /// A wide character that does not fit whole is left out. Combining marks join the character before them.
  @discardableResult
  public mutating func put(_ text: String, x: Int, y: Int, width: Int = .max, _ style: Style = .plain) -> Int {
    guard y >= 0, y < size.height, x < size.width else { return 0 }
    let limit = min(width, size.width - x)
    if let used = putASCII(text, x: x, y: y, width: limit, style) { return used }
    let row = y * size.width
    var used = 0
    var last = -1
    for scalar in text.unicodeScalars {
      let shown = CharacterWidth.visible(scalar)
      let columns = CharacterWidth.columns(of: shown)
      if columns == 0 {
        if last >= 0, CharacterWidth.isMark(shown) { addMark(shown, at: row + last) }
        continue
      }
      guard used + columns <= limit else { break }
      let column = x + used
      used += columns
      last = -1
      guard column + columns > 0 else { continue }
      if column < 0 {
        // The right half of a wide character whose left half is outside.
        separate(y, from: 0, to: 1)
        cells[row] = Cell(scalar: 0x20, style: style)
        continue
      }
      separate(y, from: column, to: column + columns)
      cells[row + column] = Cell(scalar: shown.value, style: style)
      if columns == 2 { cells[row + column + 1] = Cell(scalar: 0, style: style) }
      last = column
    }
    return used
  }

  /// The same for text of printable ASCII that begins on the surface; nil for any other.
  private mutating func putASCII(_ text: String, x: Int, y: Int, width: Int, _ style: Style) -> Int? {
    guard x >= 0 else { return nil }
    let used: Int?? = text.utf8.withContiguousStorageIfAvailable { bytes in
      guard bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
      let count = min(bytes.count, max(0, width))
      guard count > 0 else { return 0 }
      separate(y, from: x, to: x + count)
      let start = y * size.width + x
      cells.withUnsafeMutableBufferPointer { cells in
        for i in 0..<count { cells[start + i] = Cell(scalar: UInt32(bytes[i]), style: style) }
      }
      return count
    }
    return used ?? nil
  }

  /// Marks beyond the second are left out, so that a cell has a bounded size.
  private mutating func addMark(_ mark: Unicode.Scalar, at index: Int) {
    if cells[index].mark1 == 0 {
      cells[index].mark1 = mark.value
    } else if cells[index].mark2 == 0 {
      cells[index].mark2 = mark.value
    }
  }

  /// The characters as lines of text, for golden tests and copying. Trailing blanks are kept.
  public var text: String {
    (0..<size.height).map(line).joined(separator: "\n")
  }

  /// The characters of one row.
  public func line(_ y: Int) -> String {
    var line = String.UnicodeScalarView()
    for x in 0..<size.width {
      let cell = self[x, y]
      for value in [cell.scalar, cell.mark1, cell.mark2] where value != 0 {
        if let scalar = Unicode.Scalar(value) { line.append(scalar) }
      }
    }
    return String(line)
  }
}
