import Audio
import AudioCodecs
import TestKit
import Testing

/// Streams as servers in the field send them: what is declared is played as that, what is not is found out or refused, and
/// nothing is heard as noise.
@Suite struct FieldFormatTests {
  private static let tone = Signals.tone(440, rate: 16_000, count: 16_000, amplitude: 0.37)

  private func coded(_ samples: [Int16], _ format: AudioFormat) -> [UInt8] {
    func parts(_ value: UInt64, _ count: Int, _ isBig: Bool) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isBig ? bytes.reversed() : bytes
    }
    let isBig = format.samples?.isBigEndian == true
    return samples.flatMap { sample -> [UInt8] in
      switch format {
      case .mulaw: G711.encode([sample], .mu)
      case .alaw: G711.encode([sample], .a)
      case .pcm8: [UInt8(Int(sample >> 8) + 128)]
      case .pcm8Signed: [UInt8(bitPattern: Int8(sample >> 8))]
      case .pcm24, .pcm24BE: parts(UInt64(bitPattern: Int64(sample) << 8), 3, isBig)
      case .pcm32, .pcm32BE: parts(UInt64(bitPattern: Int64(sample) << 16), 4, isBig)
      case .float32, .float32BE: parts(UInt64((Float(sample) / 32_768).bitPattern), 4, isBig)
      case .float64, .float64BE: parts((Double(sample) / 32_768).bitPattern, 8, isBig)
      default: parts(UInt64(UInt16(bitPattern: sample)), 2, isBig)
      }
    }
  }

  private func isTone(_ samples: [Int16], minimumDB: Double = 30) -> Bool {
    guard samples.count > 4_000 else { return false }
    let middle = Array(samples[1_000..<samples.count - 1_000])
    return Signals.signalToNoiseDB(middle, hertz: 440, rate: 16_000) > minimumDB
      && abs(Level(of: middle).rmsDB - -11.6) < 1
  }

  @Test(arguments: AudioFormat.allCases.filter { $0.samples != nil }, [961, 640, 7])
  func whatIsDeclaredIsPlayedWhereverItIsCut(format: AudioFormat, size: Int) throws {
    let names: [AudioFormat: String] = [
      .pcm16: "pcm_s16le", .pcm16BE: "pcm_s16be", .pcm8: "u8", .pcm8Signed: "s8", .pcm24: "pcm_s24le",
      .pcm24BE: "s24be",
      .pcm32: "s32le", .pcm32BE: "s32be", .float32: "pcm_f32le", .float32BE: "f32be", .float64: "f64le",
      .float64BE: "f64be",
      .mulaw: "pcm_mulaw", .alaw: "pcm_alaw",
    ]
    let name: String = try #require(names[format])
    let decoded = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll(pieces(coded(Self.tone, format), of: size), format: name, rate: 16_000)
    #expect(decoded.formats == ["\(format.rawValue) 16000"])
    #expect(decoded.samples.count == 16_000)
    #expect(isTone(decoded.samples), "\(format)")
    // A message may end in the middle of a sample, which is told; nothing else is.
    #expect(decoded.problems.allSatisfy { $0.contains("in the middle of") }, "\(decoded.problems)")
  }

  @Test(
    arguments: [AudioFormat.float32, .float32BE, .mulaw, .alaw, .pcm16BE, .pcm24, .pcm32, .pcm8],
    [nil, "pcm16", "xyz"] as [String?])
  func whatIsNotDeclaredIsFoundOut(format: AudioFormat, declared: String?) {
    for size in [160, 640, 3_200] {
      let decoded = IncomingAudioDecoder(outputRate: 16_000)
        .decodeAll(pieces(coded(Self.tone, format), of: size / 24 * 24), format: declared, rate: 16_000)
      #expect(decoded.formats == ["\(format.rawValue) 16000"], "\(format) \(size)")
      #expect(isTone(decoded.samples), "\(format) in \(size)")
      #expect(
        decoded.problems.contains { $0.contains("look like \(format.rawValue)") || $0.contains("xyz") },
        "\(decoded.problems)")
    }
  }

  /// The beginning is silent in both, and tells nothing.
  @Test func floatsAfterSilenceAreFoundOutBeforeTheyAreHeard() {
    let bytes = [UInt8](repeating: 0, count: 6_400) + coded(Self.tone, .float32)
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: 642))
    #expect(decoded.samples.allSatisfy { abs(Int($0)) < 13_000 })
    #expect(isTone(Array(decoded.samples.drop { $0 == 0 })))
    #expect(decoded.formats.last == "float32 16000")
  }

  @Test func linearSixteenOfRTPMayBeBigEndianWithoutAWord() {
    for format in [AudioFormat.pcm16, .pcm16BE] {
      let decoded = IncomingAudioDecoder(outputRate: 16_000)
        .decodeAll(pieces(coded(Self.tone, format), of: 640), format: "audio/L16;rate=16000;channels=1")
      #expect(isTone(decoded.samples))
      #expect(decoded.problems == [])
    }
  }

  @Test func declaredChannelsAreMixed() {
    for format in [AudioFormat.pcm16, .float32, .mulaw] {
      let frames = Self.tone.flatMap { [$0, $0] }
      let decoded = IncomingAudioDecoder(outputRate: 16_000)
        .decodeAll(pieces(coded(frames, format), of: 642), format: "\(format.rawValue);rate=16000;channels=2")
      #expect(decoded.samples.count == 16_000)
      #expect(isTone(decoded.samples))
    }
  }

  @Test func anUnknownNameIsToldAndOnlyOnce() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll(pieces(coded(Self.tone, .pcm16), of: 640), format: "xyz")
    #expect(isTone(decoded.samples))
    #expect(decoded.problems.count == 1 && decoded.problems[0].contains("\"xyz\""))
  }

  @Test(arguments: ["aac", "audio/webm;codecs=vorbis", "flac", "G722", "amr-wb", "audio/mp4", "vorbis"])
  func whatCannotBePlayedIsRefusedInWordsAndNotHeard(name: String) {
    var random = SeededGenerator(seed: 1)
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let bytes = (0..<9_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let output = decoder.decode(bytes, declaredFormat: name, declaredRate: nil, defaultRate: 16_000)
    #expect(output.samples.isEmpty && decoder.endOfResponse().isEmpty)
    #expect(output.problem?.contains("cannot be played") == true)
    #expect(output.unplayable != nil)
  }

  @Test(arguments: [60, 300, 4_000]) func noiseIsRefusedNotPlayed(size: Int) {
    var random = SeededGenerator(seed: 2)
    let bytes = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    for declared in [nil, "pcm16", "xyz"] as [String?] {
      let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: size), format: declared)
      #expect(decoded.samples.isEmpty)
      #expect(decoded.problems.contains { $0.contains("noise cannot be played") }, "\(decoded.problems)")
    }
    // Speech after it is heard.
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let decoded = decoder.decodeAll([bytes] + pieces(PCM16.bytes(of: Self.tone), of: 640))
    #expect(isTone(decoded.samples))
  }

  @Test func textIsNotPlayed() {
    let text = Array(String(repeating: "no such voice: anna\n", count: 50).utf8)
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll([text])
    #expect(decoded.samples.isEmpty)
    #expect(decoded.problems.first?.contains("text") == true)
  }

  // MARK: Opus without pages

  private var packets: [[UInt8]] { OggOpusEncoding.packets(Self.tone, rate: 16_000) }

  @Test(arguments: ["opus", nil, "pcm16"] as [String?]) func opusPacketsArePlayed(declared: String?) {
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(packets, format: declared)
    #expect(decoded.formats == ["opus 48000"])
    #expect((15_000...17_000).contains(decoded.samples.count), "\(decoded.samples.count)")
    #expect(isTone(decoded.samples, minimumDB: 15))
    #expect(decoded.problems.isEmpty == (declared == "opus"), "\(decoded.problems)")
  }

  @Test func samplesThatAreDeclaredAsOpusAreNotNoise() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll(pieces(PCM16.bytes(of: Self.tone), of: 640), format: "opus")
    #expect(isTone(decoded.samples))
  }

  // MARK: The rest of a compressed sentence

  @Test(arguments: [100, 417, 997]) func theRestOfAnMP3AfterAFlushIsNeverNoise(size: Int) {
    for skipped in [1, 150, 333, 700, 1_111] {
      let decoder = IncomingAudioDecoder(outputRate: 22_050)
      let all = taggedMP3 + taggedMP3 + taggedMP3
      _ = decoder.decode(Array(all[..<1_500]), declaredFormat: nil, declaredRate: nil, defaultRate: 16_000)
      decoder.reset()
      let decoded = decoder.decodeAll(pieces(Array(all[(1_500 + skipped)...]), of: size))
      #expect(!decoded.formats.contains { $0.hasPrefix("pcm16") }, "\(decoded.formats)")
      // The tone at its own level, or silence; noise of full scale would be at -5 dBFS.
      #expect(Level(of: decoded.samples).rmsDB < -8)
    }
  }

  @Test func theRestOfAnOggStreamAfterAFlushIsNeverNoise() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let all = OggOpusEncoding.stream(Self.tone, rate: 16_000)
    _ = decoder.decode(Array(all[..<2_000]), declaredFormat: nil, declaredRate: nil, defaultRate: 16_000)
    decoder.reset()
    let decoded = decoder.decodeAll(pieces(Array(all[2_100...]), of: 500))
    #expect(!decoded.formats.contains { $0.hasPrefix("pcm16") })
    #expect(decoded.samples.isEmpty || Level(of: decoded.samples).rmsDB < -8)
  }

  // MARK: What may stand before

  @Test func marksTagsAndJunkBeforeAContainer() {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let tag = Array("ID3".utf8) + [3, 0, 0, 0, 0, 1, 0] + [UInt8](repeating: 0, count: 128)
    let speech = Signals.speech(rate: 16_000, count: 8_000)
    for size in [UInt32(0), .max] {
      var header = WAV.header(rate: 16_000, sampleCount: nil)
      for i in 0..<4 {
        (header[4 + i], header[40 + i]) = (
          UInt8(truncatingIfNeeded: size >> (8 * i)), UInt8(truncatingIfNeeded: size >> (8 * i))
        )
      }
      for bytes in [header, mark + header].map({ $0 + PCM16.bytes(of: speech) }) {
        let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: 1_000))
        #expect(decoded.formats == ["wav 16000"])
        #expect(decoded.samples == speech)
      }
    }
    for bytes in [mark + taggedMP3, tag + taggedMP3] {
      #expect(IncomingAudioDecoder(outputRate: 22_050).decodeAll(pieces(bytes, of: 300)).formats == ["mp3 22050"])
    }
    let opus = Array("\r\njunk\r\n".utf8) + OggOpusEncoding.stream(speech, rate: 16_000)
    for declared in [nil, "opus", "audio/ogg"] as [String?] {
      let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(opus, of: 700), format: declared)
      #expect(decoded.formats.first?.hasPrefix("ogg-opus") == true, "\(decoded.formats)")
      #expect(abs(decoded.samples.count - 8_000) < 400)
    }
  }

  @Test func aacWithoutADeclarationIsNamed() {
    var random = SeededGenerator(seed: 3)
    let frame: [UInt8] =
      [0xFF, 0xF1, 0x50, 0x80, 0x0C, 0x9F, 0xFC] + (0..<93).map { _ in UInt8.random(in: 0...255, using: &random) }
    for messages in [[frame, frame, frame], [frame + frame + frame]] {
      let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(messages)
      #expect(decoded.samples.isEmpty)
      #expect(decoded.problems.first?.hasPrefix("aac cannot be played") == true, "\(decoded.problems)")
    }
  }
}
