import Audio
import TestKit
import Testing

@testable import AudioCodecs

/// What a browser records, as it is heard.
@Suite struct WebMOpusTests {
  private static let tone = Signals.tone(440, rate: 48_000, count: 48_000)
  private static let preSkip = 312
  private static func head(channels: UInt8) -> [UInt8] {
    Array("OpusHead".utf8) + [1, channels, UInt8(preSkip & 0xFF), UInt8(preSkip >> 8), 0x80, 0xBB, 0, 0, 0, 0, 0]
  }
  private static func stream(channels: Int = 1) -> [UInt8] {
    WebMStream.bytes(
      OggOpusEncoding.packets(tone, rate: 48_000, channels: channels), head: head(channels: UInt8(channels)))
  }

  private func heard(_ bytes: [UInt8], size: Int, format: String? = nil) -> (
    samples: [Int16], output: [IncomingAudioDecoder.Output]
  ) {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let outputs = stride(from: 0, to: bytes.count, by: size).map {
      decoder.decode(
        Array(bytes[$0..<min($0 + size, bytes.count)]), declaredFormat: format, declaredRate: nil, defaultRate: 16_000)
    }
    return (outputs.flatMap(\.samples) + decoder.endOfResponse(), outputs)
  }

  /// The first chunk of a recorder has the header; the others go on with it, cut anywhere.
  @Test(arguments: [1, 13, 300, 2_000, 100_000]) func chunksAreOneStream(size: Int) {
    for format in [nil, "audio/webm;codecs=opus"] {
      let (samples, outputs) = heard(Self.stream(), size: size, format: format)
      #expect(outputs.allSatisfy { $0.problem == nil })
      #expect(outputs.last?.format == "webm")
      // What the header tells to skip is not heard.
      #expect(samples.count == 16_000 - Self.preSkip / 3)
      #expect(Signals.signalToNoiseDB(Array(samples[2_000..<14_000]), hertz: 440, rate: 16_000) > 20)
    }
  }

  @Test func stereoIsMixed() {
    let (mono, stereo) = (heard(Self.stream(), size: 500).samples, heard(Self.stream(channels: 2), size: 500).samples)
    // The second channel is silent.
    #expect(abs(Level(of: Array(stereo[2_000..<14_000])).rmsDB - Level(of: Array(mono[2_000..<14_000])).rmsDB + 6) < 1)
  }

  @Test func whoStartsRecordingAnewIsHeardAnew() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    var count = 0
    for _ in 0..<3 {
      // Stopped in the middle of an element.
      let output = decoder.decode(
        Array(Self.stream().dropLast(7)), declaredFormat: nil, declaredRate: nil, defaultRate: 16_000)
      #expect(output.problem == nil)
      count += output.samples.count
    }
    #expect(count + decoder.endOfResponse().count == 3 * (49 * 320 - Self.preSkip / 3))
  }

  @Test func aDamagedStreamIsToldOfOnceAndNeverTraps() {
    var random = SeededGenerator(seed: 5)
    let good = Self.stream()
    for _ in 0..<20 {
      var bytes = good
      for _ in 0..<8 { bytes[.random(in: 60..<bytes.count, using: &random)] = .random(in: 0...255, using: &random) }
      let outputs = heard(bytes, size: 700).output
      #expect(outputs.compactMap(\.problem).count <= 16)
    }
    let vorbis = WebMStream.bytes([[1, 2], [3]], head: [], codec: "A_VORBIS")
    #expect(
      heard(vorbis, size: 20).output.compactMap(\.problem) == [
        "the WebM stream holds A_VORBIS; only Opus can be played"
      ])
  }
}
