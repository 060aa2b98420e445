/// Joins what arrives piece by piece: parts of frames, and frames of a fragmented message.
public struct Reassembly: Sendable {
  /// What a piece led to.
  public enum Outcome: Equatable {
    case incomplete
    case whole([UInt8])
    /// Told once; the rest of that message is dropped as it comes.
    case tooLarge
  }

  /// The largest message, in bytes.
  public let limit: Int
  private var bytes: [UInt8] = []
  private var isDropping = false

  /// - Parameter limit: the largest message, in bytes.
  public init(limit: Int) { self.limit = limit }

  /// Takes a piece.
  ///
  /// - Parameter remaining: bytes of the current frame still to come, known before they arrive: a message that will be
  ///   too large is refused before it fills the memory.
  public mutating func append(_ piece: UnsafeRawBufferPointer, remaining: Int, isFinal: Bool) -> Outcome {
    if isDropping {
      isDropping = !isFinal
      return .incomplete
    }
    guard bytes.count + piece.count <= limit, remaining <= limit - bytes.count - piece.count else {
      bytes = []
      isDropping = !isFinal
      return .tooLarge
    }
    if isFinal, bytes.isEmpty { return .whole(Array(piece)) }
    if bytes.isEmpty { bytes.reserveCapacity(piece.count + remaining) }
    bytes.append(contentsOf: piece)
    guard isFinal else { return .incomplete }
    defer { bytes = [] }
    return .whole(bytes)
  }
}
