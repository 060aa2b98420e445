import Audio
import Testing

/// Names of formats as vendors, FFmpeg, RTP and MIME types write them.
@Suite struct FormatNameTests {
  private static let playable: [(String, AudioFormat, Int?)] = [
    // FFmpeg
    ("pcm_s16le", .pcm16, nil), ("s16le", .pcm16, nil), ("pcm_s16be", .pcm16BE, nil), ("s16be", .pcm16BE, nil),
    ("pcm_s24le", .pcm24, nil), ("s24be", .pcm24BE, nil), ("pcm_s32le", .pcm32, nil), ("s32le", .pcm32, nil),
    ("s32be", .pcm32BE, nil), ("pcm_f32le", .float32, nil), ("f32le", .float32, nil), ("f32be", .float32BE, nil),
    ("pcm_f64le", .float64, nil), ("u8", .pcm8, nil), ("pcm_u8", .pcm8, nil), ("s8", .pcm8Signed, nil),
    ("pcm_mulaw", .mulaw, nil), ("pcm_alaw", .alaw, nil), ("libopus", .oggOpus, nil), ("libmp3lame", .mp3, nil),
    // OpenAI, ElevenLabs, Cartesia, Deepgram, Google, AWS, Azure, Inworld, NVIDIA, Soniox, Gladia
    ("pcm16", .pcm16, nil), ("g711_ulaw", .mulaw, nil), ("g711_alaw", .alaw, nil), ("audio/pcmu", .mulaw, nil),
    ("pcm_16000", .pcm16, 16_000), ("pcm_22050", .pcm16, 22_050), ("ulaw_8000", .mulaw, 8_000),
    ("mp3_44100_128", .mp3, 44_100), ("mp3_22050_32", .mp3, 22_050), ("opus_48000_32", .oggOpus, 48_000),
    ("linear16", .pcm16, nil), ("linear32", .pcm32, nil), ("LINEAR16", .pcm16, nil), ("OGG_OPUS", .oggOpus, nil),
    ("ogg-opus", .oggOpus, nil), ("MULAW", .mulaw, nil), ("LINEAR_PCM", .pcm16, nil), ("OGGOPUS", .oggOpus, nil),
    ("riff-16khz-16bit-mono-pcm", .wav, 16_000), ("raw-16khz-16bit-mono-pcm", .pcm16, 16_000),
    ("raw-8khz-8bit-mono-mulaw", .mulaw, 8_000), ("raw-22050hz-16bit-mono-pcm", .pcm16, 22_050),
    ("audio-24khz-48kbitrate-mono-mp3", .mp3, 24_000), ("ogg-24khz-16bit-mono-opus", .oggOpus, 24_000),
    ("pcm_f32be", .float32BE, nil), ("wav/mulaw", .wav, nil), ("float32", .float32, nil),
    ("pcm_s16le_16000", .pcm16, 16_000),
    // Telephony
    ("PCMU", .mulaw, nil), ("PCMA", .alaw, nil), ("audio/x-mulaw", .mulaw, nil), ("audio/x-alaw", .alaw, nil),
    ("audio/basic", .mulaw, nil), ("slin", .pcm16, 8_000), ("slin16", .pcm16, 16_000), ("slin48", .pcm16, 48_000),
    ("L16", .pcm16, nil), ("audio/L16;rate=16000;channels=1", .pcm16, 16_000), ("µ-law", .mulaw, nil),
    ("mu-law", .mulaw, nil), ("a-law", .alaw, nil), ("G.711", .mulaw, nil), ("ulaw8k", .mulaw, 8_000),
    // MIME types
    ("audio/pcm;rate=24000", .pcm16, 24_000), ("audio/pcm; rate=24000; bits=24", .pcm24, 24_000),
    ("audio/x-raw;layout=interleaved;rate=16000;format=S16LE;channels=1", .pcm16, 16_000),
    ("audio/x-raw;format=F32LE;rate=48000", .float32, 48_000), ("audio/mpeg", .mp3, nil), ("audio/wav", .wav, nil),
    ("audio/vnd.wave", .wav, nil), ("audio/wave", .wav, nil), ("audio/ogg;codecs=opus", .oggOpus, nil),
    ("audio/opus", .oggOpus, nil), ("audio/webm;codecs=opus", .webm, nil), ("audio/webm", .webm, nil),
    ("webm-24khz-16bit-mono-opus", .webm, 24_000), ("audio/x-matroska", .webm, nil),
    ("audio/lpcm", .pcm16, nil), ("AUDIO/PCM;RATE=8000", .pcm16, 8_000), ("pcm24000", .pcm16, 24_000),
    ("pcm16k", .pcm16, 16_000),
    ("audio/pcm;rate=44.1khz", .pcm16, 44_100), ("pcm-8bit", .pcm8, nil),
    ("signed 16 bit big endian pcm", .pcm16BE, nil),
  ]

  @Test(arguments: playable) func playableNames(name: String, format: AudioFormat, rate: Int?) {
    #expect(AudioFormat.declared(name) == .format(format, rate: rate), "\(name)")
  }

  @Test(arguments: [
    ("aac", "aac"), ("audio/aac", "aac"), ("audio/webm;codecs=vorbis", "webm-vorbis"),
    ("audio/webm;codecs=pcm", "webm-pcm"),
    ("flac", "flac"), ("audio/flac", "flac"), ("vorbis", "vorbis"), ("audio/ogg; codecs=vorbis", "ogg-vorbis"),
    ("audio/mp4", "mp4"), ("m4a", "m4a"), ("mp4a.40.2", "mp4a"), ("amr-nb", "amrnb"), ("amr-wb-16000hz", "amrwb"),
    ("G722", "g722"), ("g729", "g729"), ("speex", "speex"), ("raw-16khz-16bit-mono-truesilk", "truesilk"),
    ("adpcm_ms", "adpcm"), ("audio/3gpp", "3gpp"), ("gsm", "gsm"),
  ]) func namesOfWhatCannotBePlayed(name: String, codec: String) {
    #expect(AudioFormat.declared(name) == .unsupported(codec), "\(name)")
  }

  @Test(arguments: ["xyz", "", " ", "audio", "auto", "none", "1234567", "\u{1B}[2J", ";;;", "/", "pcmx", "16000"])
  func whatIsNoName(name: String) {
    #expect(AudioFormat.declared(name) == .unknown, "\(name)")
  }

  @Test(arguments: [
    ("audio/L16;rate=16000;channels=2", 2), ("audio/L16;rate=16000;channels=1", 1), ("pcm_s16le stereo", 2),
    ("pcm 2ch", 2),
    ("pcm;channels=0", 1), ("pcm;channels=99999999999", 1), ("pcm", 1),
  ]) func channels(name: String, count: Int) {
    #expect(AudioFormat.channels(declared: name) == count, "\(name)")
  }

  /// Whatever the text is: no trap.
  @Test func randomNames() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("pcmsf16324be_;=/. kHzµ9999channels-law\u{0}é😀")
    for _ in 0..<3_000 {
      let name = String((0..<Int.random(in: 0...40)).map { _ in alphabet.randomElement(using: &random)! })
      _ = AudioFormat.declared(name)
      #expect((1...64).contains(AudioFormat.channels(declared: name)))
    }
  }
}
