/// Reads 16-bit mono PCM out of a WAV file that arrives in pieces cut anywhere.
///
/// The sizes in the header of a stream are not known when it is written, so audio is everything after the head of the
/// `data` chunk.
struct WAVStream {
  /// The stream is not what it should be.
  struct Malformed: Error, Equatable {}

  private var header: [UInt8] = []
  private var oddByte: UInt8?
  /// Samples a second, once the header is complete.
  private(set) var rate: Int?
  private var isData = false
  /// More header than that is no header.
  private static let headerLimit = 4096

  /// Takes the next bytes; returns the samples that are complete.
  mutating func process(_ bytes: some Collection<UInt8>) throws(Malformed) -> [Int16] {
    if isData { return samples(from: Array(bytes)) }
    header += bytes
    guard header.count >= 12 else { return [] }
    guard tag(at: 0) == "RIFF", tag(at: 8) == "WAVE" else { throw Malformed() }
    var position = 12
    while position + 8 <= header.count {
      let size = integer(at: position + 4, bytes: 4)
      if tag(at: position) == "data" {
        guard rate != nil else { throw Malformed() }
        isData = true
        let rest = Array(header[(position + 8)...])
        header = []
        return samples(from: rest)
      }
      guard size < Self.headerLimit else { throw Malformed() }
      guard position + 8 + size <= header.count else { break }
      if tag(at: position) == "fmt " {
        let isMono16 =
          size >= 16 && integer(at: position + 8, bytes: 2) == 1 && integer(at: position + 10, bytes: 2) == 1
          && integer(at: position + 22, bytes: 2) == 16
        let found = size >= 16 ? integer(at: position + 12, bytes: 4) : 0
        guard isMono16, (4000...192_000).contains(found) else { throw Malformed() }
        rate = found
      }
      position += 8 + size + size % 2
    }
    guard header.count <= Self.headerLimit else { throw Malformed() }
    return []
  }

  private mutating func samples(from bytes: [UInt8]) -> [Int16] {
    var bytes = bytes[...]
    var result: [Int16] = []
    result.reserveCapacity(bytes.count / 2 + 1)
    if let low = oddByte, let high = bytes.popFirst() {
      result.append(Int16(bitPattern: UInt16(low) | UInt16(high) << 8))
      oddByte = nil
    }
    while bytes.count >= 2 {
      let low = bytes.removeFirst()
      let high = bytes.removeFirst()
      result.append(Int16(bitPattern: UInt16(low) | UInt16(high) << 8))
    }
    if let last = bytes.first { oddByte = last }
    return result
  }

  private func tag(at position: Int) -> String { String(decoding: header[position..<position + 4], as: UTF8.self) }
  private func integer(at position: Int, bytes count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(header[position + $1]) << (8 * $1) }
  }
}
