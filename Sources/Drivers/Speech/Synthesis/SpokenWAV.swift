import Audio

/// The samples of a WAV that a synthesizer writes to a pipe, cut anywhere.
///
/// A writer to a pipe does not know the size, so everything after the head of the `data` chunk is audio.
struct SpokenWAV {
  /// Not a WAV, and why.
  struct Malformed: Error, Equatable {
    var reason: String
  }

  private var header: WAV.Header?
  private var held: [UInt8] = []
  /// More than any head of a WAV.
  private static let headLimit = 4096

  /// Samples a second, once the head is complete.
  var rate: Int? { header?.rate }

  /// Takes the next bytes; returns the samples that are complete.
  mutating func process(_ bytes: some Collection<UInt8>) throws(Malformed) -> [Int16] {
    held += bytes
    if header == nil {
      switch WAV.parse(held) {
      case .needMoreBytes:
        if held.count > Self.headLimit { throw Malformed(reason: "no end of its head") }
        return []
      case .invalid(let why): throw Malformed(reason: why)
      case .header(let found):
        header = found
        held.removeFirst(found.dataOffset)
      }
    }
    guard let header else { return [] }
    let whole = held.count - held.count % header.frameByteCount
    defer { held.removeFirst(whole) }
    return WAV.monoSamples(of: held[..<whole], header: header)
  }
}
