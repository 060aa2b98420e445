import Testing

@testable import Speech

@Suite struct SynthesisPartsTests {
  @Test func silenceIsTrimmedAtBothEndsOnly() {
    let quiet = [Int16](repeating: 20, count: 3200)
    let loud = [Int16](repeating: 5000, count: 1600)
    let audio = quiet + loud + quiet + loud + quiet
    for block in [1, 37, 320, audio.count] {
      var trimmer = SilenceTrimmer(rate: 16_000)
      var out: [Int16] = []
      for start in stride(from: 0, to: audio.count, by: block) {
        out += trimmer.process(audio[start..<min(start + block, audio.count)])
      }
      out += trimmer.finish()
      let expected = Array(quiet[..<160]) + loud + quiet + loud + Array(quiet[..<1280])
      #expect(out == expected)
    }
  }

  @Test func allSilenceIsNothing() {
    var trimmer = SilenceTrimmer(rate: 16_000)
    #expect(trimmer.process([Int16](repeating: 0, count: 9999)) == [])
    #expect(trimmer.finish() == [])
  }

  @Test(arguments: [
    ("It’s “half past nine” — **really**…", "It's \"half past nine\" , really ..."),
    ("Café São Łódź, 20° 👋", "Cafe Sao odz, 20 degrees"), ("a\u{1b}[31mb\n\nc", "a [31mb c"), ("👋", ""),
    ("Mm-hmm. 5 mm", "um hum. 5 mm"), ("hmm, yes", "hum, yes"),
  ])
  func textBecomesSpeakable(text: String, ascii: String) { #expect(SpeakableText.ascii(text) == ascii) }

  @Test func longTextIsCutAtMarksAndSpaces() {
    #expect(SpeakableText.pieces("short") == ["short"])
    #expect(SpeakableText.pieces("") == [])
    let text = String(repeating: "one two, ", count: 100)
    let pieces = SpeakableText.pieces(text)
    #expect(pieces.allSatisfy { $0.count <= SpeakableText.pieceLimit })
    #expect(pieces.dropLast().allSatisfy { $0.hasSuffix(",") })
    #expect(pieces.joined(separator: " ").split(separator: " ") == text.split(separator: " "))
    #expect(SpeakableText.pieces(String(repeating: "x", count: 700)).map(\.count) == [300, 300, 100])
  }

  @Test func aWAVFromAPipeIsReadWhereverItIsCut() throws {
    var bytes: [UInt8] = Array("RIFF".utf8) + [0x24, 0xF0, 0xFF, 0x7F] + Array("WAVEfmt ".utf8)
    bytes += [16, 0, 0, 0, 1, 0, 1, 0, 0x22, 0x56, 0, 0, 0x44, 0xAC, 0, 0, 2, 0, 16, 0]
    bytes += Array("data".utf8) + [0x00, 0xF0, 0xFF, 0x7F, 1, 0, 0xFF, 0xFF, 0, 0x80]
    for cut in 0...bytes.count {
      var stream = SpokenWAV()
      let samples = try stream.process(bytes[..<cut]) + stream.process(bytes[cut...])
      #expect(samples == [1, -1, -32768])
      #expect(stream.rate == 22_050)
    }
    var rubbish = SpokenWAV()
    #expect(throws: SpokenWAV.Malformed.self) { try rubbish.process(Array("no WAV at all".utf8)) }
  }
}
