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
