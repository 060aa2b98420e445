import Audio
import Testing
import Timeline
import Wire

@Suite struct AudioLengthTests {
  private func ms(_ payload: AudioPayload, rate: Int = 16_000) -> Double? {
    var length = AudioLength()
    return length.read(payload, rate: rate).ms
  }

  @Test func lengthsOfRawSamples() {
    let bytes = [UInt8](repeating: 1, count: 960)
    #expect(ms(AudioPayload(bytes: bytes)) == 30)
    #expect(ms(AudioPayload(bytes: bytes, rate: 24_000)) == 20)
    #expect(ms(AudioPayload(bytes: bytes, format: "pcm_24000")) == 20)
    #expect(ms(AudioPayload(bytes: bytes, format: "mulaw")) == 120)
    #expect(ms(AudioPayload(bytes: bytes, format: "ulaw_16000")) == 60)
    #expect(ms(AudioPayload(bytes: bytes, format: "pcm_f32le")) == 15)
    #expect(ms(AudioPayload(bytes: bytes, format: "pcm_s24le")) == 20)
    #expect(ms(AudioPayload(bytes: bytes, format: "pcm16;channels=2")) == 15)
    #expect(ms(AudioPayload(bytes: WAV.header(rate: 8_000, sampleCount: 480) + bytes)) == 60)
  }

  @Test(arguments: [0, -1, 1, Int.max, Int.min, 4_294_967_296]) func absurdRatesGiveNoAbsurdLengths(rate: Int) {
    #expect(ms(AudioPayload(bytes: [UInt8](repeating: 1, count: 960), rate: rate)) == 30)
  }

  @Test(arguments: ["mp3", "opus", "ogg_opus", "aac", "webm"]) func compressedAudioHasNoLengthInItsBytes(format: String)
  {
    #expect(ms(AudioPayload(bytes: [UInt8](repeating: 1, count: 960), format: format)) == nil)
  }

  @Test func whatThePlayoutFoundHolds() {
    var length = AudioLength()
    let payload = AudioPayload(bytes: [UInt8](repeating: 1, count: 960))
    for (format, expected) in [("mp3", nil), ("float32", 15), ("pcm16", 30), ("opus", nil), ("mulaw", 120)]
      as [(String, Double?)]
    {
      length.detected(PlayoutChange(nil, .format(AudioFormatName(format))))
      #expect(length.read(payload, rate: 16_000).ms == expected, "\(format)")
    }
    length.detected(PlayoutChange(nil, .format("no such format")))
    #expect(length.read(payload, rate: 16_000).ms == 120)
  }

  /// A packet tells its length by its first byte, and by the second where it holds any number of frames.
  @Test(
    arguments: [
      ([0x48, 1, 2], 20.0), ([0x48], 20), ([0x50, 1], 40), ([0x49, 1, 2], 40), ([0x4A, 1, 9, 9], 40),
      ([0x4B, 3, 1, 2, 3], 60),
      ([0xE0, 1], 2.5), ([0x18, 1], 60), ([0x4B, 0], nil), ([0x4B, 63, 1], nil), ([0x4B], nil), ([], nil),
    ] as [([UInt8], Double?)])
  func opusPacketsTellTheirLength(bytes: [UInt8], expected: Double?) {
    #expect(OpusPacket.duration(bytes) == expected)
    if expected != nil { #expect(ms(AudioPayload(bytes: bytes, format: "opus")) == expected) }
  }

  @Test func anOggStreamThatIsCalledOpusIsNone() {
    var length = AudioLength()
    let page = Array("OggS".utf8) + [0, 2] + [UInt8](repeating: 0, count: 40)
    #expect(length.read(AudioPayload(bytes: page, format: "opus"), rate: 16_000).ms == nil)
    #expect(
      length.read(AudioPayload(bytes: [0x48, 1, 2], format: "opus"), rate: 16_000).ms == nil, "a rest of its pages")
  }
}
