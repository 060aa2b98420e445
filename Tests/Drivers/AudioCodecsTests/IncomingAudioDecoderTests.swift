import Audio
import AudioCodecs
import TestKit
import Testing

/// What a whole stream became.
struct Decoded {
  var samples: [Int16] = []
  var problems: [String] = []
  /// `format rate` as it changed.
  var formats: [String] = []
}

extension IncomingAudioDecoder {
  /// Decodes messages and the end of their response.
  func decodeAll(
    _ messages: [[UInt8]], format: String? = nil, rate: Int? = nil, defaultRate: Int = 16_000
  ) -> Decoded {
    var decoded = Decoded()
    for message in messages {
      let output = decode(message, declaredFormat: format, declaredRate: rate, defaultRate: defaultRate)
      decoded.samples += output.samples
      if let problem = output.problem { decoded.problems.append(problem) }
      if output.changed { decoded.formats.append("\(output.format!) \(output.sourceRate!)") }
    }
    decoded.samples += endOfResponse()
    return decoded
  }
}

/// Cuts bytes into pieces of one size.
func pieces(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
  stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
}

@Suite struct IncomingAudioDecoderTests {
  private let speech = Signals.speech(rate: 16_000, count: 8_000)

  private func wav(_ samples: [Int16], rate: Int = 16_000, isStreamed: Bool = false) -> [UInt8] {
    WAV.header(rate: rate, sampleCount: isStreamed ? nil : samples.count) + PCM16.bytes(of: samples)
  }

  // MARK: Raw samples

  @Test func rawSamplesPassThrough() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(PCM16.bytes(of: speech), of: 640))
    #expect(decoded.samples == speech)
    #expect(decoded.formats == ["pcm16 16000"])
    #expect(decoded.problems == [])
  }

  @Test func oddMessagesAreCarriedAndReportedOnce() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(PCM16.bytes(of: speech), of: 641))
    #expect(decoded.samples == speech)
    #expect(decoded.problems.count == 1)
    #expect(decoded.problems.first?.contains("641 bytes") == true)
  }

  @Test func ratesAreDeclaredNamedOrDefault() {
    let bytes = PCM16.bytes(of: Signals.tone(440, rate: 24_000, count: 12_000))
    for (format, rate, defaultRate) in [("pcm16", 24_000, 16_000), ("pcm_24000", nil, 16_000), (nil, nil, 24_000)]
      as [(String?, Int?, Int)]
    {
      let decoded = IncomingAudioDecoder(outputRate: 16_000)
        .decodeAll(pieces(bytes, of: 1_000), format: format, rate: rate, defaultRate: defaultRate)
      #expect(decoded.formats == ["pcm16 24000"])
      #expect(decoded.samples.count == 8_000)
      #expect(Signals.signalToNoiseDB(Array(decoded.samples[500..<7_500]), hertz: 440, rate: 16_000) > 70)
    }
  }

  @Test func aSenselessRateIsReportedNotUsed() {
    let output = IncomingAudioDecoder(outputRate: 16_000)
      .decode([1, 0, 2, 0], declaredFormat: "pcm16", declaredRate: -3, defaultRate: 16_000)
    #expect(output.samples == [1, 2])
    #expect(output.problem?.contains("-3") == true)
  }

  @Test func aChangedRateBeginsANewStreamWithoutLoss() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let a = decoder.decode(
      PCM16.bytes(of: Signals.tone(440, rate: 24_000, count: 2_400)), declaredFormat: nil, declaredRate: 24_000,
      defaultRate: 16_000)
    let b = decoder.decode(
      PCM16.bytes(of: Signals.tone(440, rate: 8_000, count: 800)), declaredFormat: nil, declaredRate: 8_000,
      defaultRate: 16_000)
    #expect(a.changed && b.changed)
    #expect(a.samples.count + b.samples.count + decoder.endOfResponse().count == 3_200)
  }

  @Test(arguments: [("mulaw", G711.Law.mu), ("audio/PCMA", .a)]) func lawsAreDecodedWhenDeclared(
    format: String, law: G711.Law
  ) {
    let tone = Signals.tone(440, rate: 8_000, count: 4_000)
    let decoded = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll(pieces(G711.encode(tone, law), of: 161), format: format)
    #expect(decoded.formats == [law == .mu ? "mulaw 8000" : "alaw 8000"])
    #expect(decoded.samples.count == 8_000)
    #expect(Signals.signalToNoiseDB(Array(decoded.samples[500..<7_500]), hertz: 440, rate: 16_000) > 34)
    #expect(decoded.problems == [])
  }

  // MARK: WAV

  @Test func aWAVInEachMessage() {
    let messages = stride(from: 0, to: 8_000, by: 500).map { wav(Array(speech[$0..<$0 + 500])) }
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(messages, format: "wav")
    #expect(decoded.samples == speech)
    #expect(decoded.formats == ["wav 16000"])
    #expect(decoded.problems == [])
  }

  @Test(arguments: [1, 3, 44, 45, 1_000, 20_000]) func aWAVCutAnywhere(size: Int) {
    for isStreamed in [false, true] {
      let decoded = IncomingAudioDecoder(outputRate: 16_000)
        .decodeAll(pieces(wav(speech, isStreamed: isStreamed), of: size))
      #expect(decoded.samples == speech)
      #expect(decoded.problems == [])
    }
  }

  @Test(arguments: [1, 7, 100, 5_000, 60_000]) func wavsOneAfterTheOtherCutAnywhere(size: Int) {
    let list = Array("LIST".utf8) + [5, 0, 0, 0] + [1, 2, 3, 4, 5, 0]
    let bytes = wav(speech) + list + wav(Array(speech[..<301])) + list + list + wav(speech, isStreamed: true)
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: size))
    #expect(decoded.samples == speech + speech[..<301] + speech)
    #expect(decoded.problems == [])
  }

  @Test(arguments: [1, 50, 3_000]) func audioPastTheStatedSizeIsPlayed(size: Int) {
    let bytes = wav(Array(speech[..<1_000])) + PCM16.bytes(of: Array(speech[1_000...]))
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: size))
    #expect(decoded.samples == speech)
    #expect(decoded.problems.count == 1)
    #expect(decoded.problems.first?.contains("size") == true)
  }

  @Test func aHeaderThatPromisesTooMuchIsEndedByTheNext() {
    let broken = WAV.header(rate: 16_000, sampleCount: 9_999) + PCM16.bytes(of: Array(speech[..<500]))
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll([broken, broken])
    #expect(decoded.samples == Array(speech[..<500]) + speech[..<500])
  }

  @Test func stereoIsMixedAndResampled() {
    let tone = Signals.tone(440, rate: 44_100, count: 22_050)
    var header = WAV.header(rate: 44_100, sampleCount: tone.count * 2)
    header[22] = 2
    header[32] = 4
    let bytes = header + PCM16.bytes(of: tone.flatMap { [$0, $0] })
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: 1_001))
    #expect(decoded.formats == ["wav 44100"])
    #expect(decoded.samples.count == 8_000)
    #expect(Signals.signalToNoiseDB(Array(decoded.samples[500..<7_500]), hertz: 440, rate: 16_000) > 70)
  }

  @Test func anUnplayableWAVSaysWhy() {
    var bytes = wav(speech)
    bytes[20] = 2
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(bytes, of: 1_000))
    #expect(decoded.samples.isEmpty)
    #expect(decoded.problems.count == 1)
    #expect(decoded.problems.first?.contains("format 2") == true)
  }

  // MARK: Bad input

  @Test func whatCannotBePlayedIsNamedOnce() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll([Array("fLaC".utf8) + [1, 2, 3], [UInt8](repeating: 9, count: 5_000)])
    #expect(decoded.samples.isEmpty)
    #expect(decoded.problems.count == 1)
    #expect(decoded.problems.first?.hasPrefix("flac cannot be played") == true)
    #expect(decoded.formats == [])
  }

  @Test func aWrongDeclarationIsReported() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll([wav(speech)], format: "pcm16")
    #expect(decoded.samples == speech)
    #expect(decoded.problems == ["declared as pcm16, but the bytes are wav"])
  }

  @Test func emptyMessagesAreNothing() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let output = decoder.decode([], declaredFormat: nil, declaredRate: nil, defaultRate: 16_000)
    #expect(output.samples.isEmpty && output.format == nil && !output.changed && output.problem == nil)
    #expect(decoder.endOfResponse().isEmpty)
  }

  @Test func aHugeMessageIsCutNotSwallowed() {
    // 700 s of µ-law at 1 kHz is 700 kB.
    let output = IncomingAudioDecoder(outputRate: 1_000)
      .decode(
        [UInt8](repeating: 0x80, count: 700_000), declaredFormat: "mulaw", declaredRate: 1_000, defaultRate: 1_000)
    #expect((600_000...620_000).contains(output.samples.count))
    #expect(output.problem?.contains("dropped") == true)
  }

  @Test func resetForgetsHalfAStream() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    _ = decoder.decode(Array(wav(speech)[..<1_001]), declaredFormat: nil, declaredRate: nil, defaultRate: 16_000)
    decoder.reset()
    #expect(decoder.endOfResponse().isEmpty)
    #expect(decoder.decodeAll([PCM16.bytes(of: speech)]).samples == speech)
  }

  @Test func responsesMayDifferInFormat() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    #expect(decoder.decodeAll([PCM16.bytes(of: speech)]).formats == ["pcm16 16000"])
    #expect(decoder.decodeAll([wav(speech)]).formats == ["wav 16000"])
    #expect(decoder.decodeAll([wav(speech)]).formats == [])
    #expect(decoder.decodeAll(pieces(taggedMP3, of: 300)).formats == ["mp3 22050"])
    #expect(decoder.decodeAll([PCM16.bytes(of: speech)]).samples == speech)
  }

  @Test func aResponseTooShortToTellIsPlayedAtItsEnd() {
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    // Might be the beginning of an MP3 frame; nothing more comes.
    let bytes: [UInt8] = [0xFF, 0xFB, 0x90, 0x00]
    #expect(decoder.decode(bytes, declaredFormat: nil, declaredRate: nil, defaultRate: 16_000).samples.isEmpty)
    #expect(decoder.endOfResponse() == PCM16.samples(of: bytes))
  }

  /// Random bytes, damaged streams and random declarations: no trap, and never more audio than the limit.
  @Test(arguments: 0..<12) func nothingTraps(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let decoder = IncomingAudioDecoder(outputRate: [8_000, 16_000, 24_000, 44_100][seed % 4])
    let opus = OggOpusEncoding.stream(Array(speech[..<3_200]), rate: 16_000)
    let declarations: [String?] = [nil, nil, "pcm16", "mp3", "wav", "opus", "mulaw", "alaw", "aac", "\u{1B}[2J"]
    for _ in 0..<60 {
      var bytes = [taggedMP3, untaggedMP3, opus, wav(Array(speech[..<1_000])), []].randomElement(using: &random)!
      if bytes.isEmpty { bytes = (0..<3_000).map { _ in UInt8.random(in: 0...255, using: &random) } }
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let declared = declarations.randomElement(using: &random)!
      for piece in pieces(bytes, of: Int.random(in: 1...2_000, using: &random)) {
        let output = decoder.decode(
          piece, declaredFormat: declared, declaredRate: [nil, 8_000, 0].randomElement(using: &random)!,
          defaultRate: 16_000)
        if let format = output.format {
          #expect(AudioFormat(rawValue: format) != nil)
        }
      }
      switch Int.random(in: 0..<3, using: &random) {
      case 0: _ = decoder.endOfResponse()
      case 1: decoder.reset()
      default: break
      }
    }
    decoder.reset()
    let after = decoder.decode(
      PCM16.bytes(of: speech), declaredFormat: nil, declaredRate: decoder.outputRate, defaultRate: 16_000)
    #expect(after.samples == speech)
  }
}
