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
}
