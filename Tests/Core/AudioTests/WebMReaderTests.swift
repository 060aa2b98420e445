import Audio
import TestKit
import Testing

/// Opus packets out of WebM, cut anywhere.
@Suite struct WebMReaderTests {
  private static let head = Array("OpusHead".utf8) + [1, 1, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0]
  private static let packets = (0..<25).map { n in [0x48] + [UInt8](repeating: UInt8(n), count: 3 + n * 7 % 60) }
  private static let stream = WebMStream.bytes(packets, head: head)

  private func read(_ bytes: [UInt8], cuts: (Int) -> Int) -> [WebMReader.Piece] {
    var reader = WebMReader()
    var pieces: [WebMReader.Piece] = []
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + max(1, cuts(at)))
      pieces += reader.read(bytes[at..<end])
      at = end
    }
    return pieces
  }

  private static let expected: [WebMReader.Piece] = [.track(head: head)] + packets.map { .packet($0) }

  @Test(arguments: [1, 2, 3, 7, 64, 1_000, 100_000]) func everyCutGivesTheSame(size: Int) {
    #expect(read(Self.stream, cuts: { _ in size }) == Self.expected)
  }

  @Test func everySingleCutGivesTheSame() {
    let packets = Self.packets.prefix(4)
    let stream = WebMStream.bytes(Array(packets), head: Self.head, inCluster: 2)
    let expected = [.track(head: Self.head)] + packets.map { WebMReader.Piece.packet($0) }
    for cut in 1..<stream.count {
      #expect(read(stream, cuts: { $0 == 0 ? cut : .max / 2 }) == expected, "cut at \(cut)")
    }
  }

  /// A recorder that is stopped and started again begins with a new header.
  @Test func anotherHeaderBeginsAnotherStream() {
    let other = WebMStream.bytes([[0x48, 1]], head: [], track: 2)
    #expect(read(Self.stream + other, cuts: { _ in 50 }) == Self.expected + [.track(head: []), .packet([0x48, 1])])
  }

  /// What stands between, and of other tracks, is left out; a group of blocks and a segment of known length are read as well.
  @Test func whatIsNotOpusIsPassedOver() {
    let void = WebMStream.element([0xEC], [UInt8](repeating: 0xA3, count: 300))
    let other = WebMStream.element([0xA3], [0x82, 0, 0, 0x80, 9, 9])
    let group = WebMStream.element([0xA0], WebMStream.element([0xA1], [0x81, 0, 0, 0, 0x48, 5]))
    let long: [UInt8] = [0xA3, 0x21, 0x00, 0x01] + [UInt8](repeating: 1, count: 65_537)
    let bytes = Self.stream + void + other + long + group
    #expect(read(bytes, cuts: { _ in 999 }).last == .packet([0x48, 5]))
    #expect(read(bytes, cuts: { _ in 999 }).count == Self.expected.count + 1)
  }

  @Test func whatCannotBeReadIsTold() {
    func problems(_ bytes: [UInt8]) -> [String] {
      read(bytes, cuts: { _ in 33 }).compactMap { if case .problem(let text) = $0 { text } else { nil } }
    }
    #expect(problems(WebMStream.bytes(Self.packets, head: [], codec: "A_VORBIS")).first?.contains("A_VORBIS") == true)
    let laced = WebMStream.element([0xA3], [0x81, 0, 0, 0x82, 1, 2, 3])
    #expect(problems(Self.stream + laced + laced).count == 2)
    #expect(problems([0x1A, 0x45, 0xDF, 0xA3, 0x00, 0x00]).first?.contains("damaged") == true)
    // The end of an element of unknown length is not known, except of those that are opened.
    #expect(problems(Self.stream + [0xEC, 0xFF, 1, 2, 3]).first?.contains("damaged") == true)
  }

  /// Damaged and made-up bytes never trap, and what is kept stays small.
  @Test func anyBytesAreTaken() {
    var random = SeededGenerator(seed: 3)
    for round in 0..<60 {
      var bytes = round % 3 == 0 ? (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &random) } : Self.stream
      for _ in 0..<(round % 20) {
        bytes[.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      if round % 2 == 0 { bytes = [0x1A, 0x45, 0xDF, 0xA3, 0x80] + bytes }
      let size = Int.random(in: 1...300, using: &random)
      #expect(read(bytes, cuts: { _ in size }) == read(bytes, cuts: { _ in 1 }), "round \(round)")
    }
    let endless = [0xA3, 0x01, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 100_000)
    #expect(read(endless, cuts: { _ in 5_000 }).isEmpty)
  }
}
