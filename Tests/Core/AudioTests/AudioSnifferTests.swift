import TestKit
import Testing

@testable import Audio

@Suite struct AudioSnifferTests {
  private typealias Verdict = AudioSniffer.Verdict

  /// An MPEG-1 layer III header of 128 kbit/s, 44.1 kHz, and its frame of 417 bytes.
  private let frame: [UInt8] = [0xFF, 0xFB, 0x90, 0x00] + [UInt8](repeating: 0x55, count: 413)

  @Test func knowsTheSignatures() {
    #expect(AudioSniffer.sniff(WAV.header(rate: 16_000, sampleCount: 1), declared: nil) == .format(.wav))
    #expect(AudioSniffer.sniff(Array("OggS".utf8) + [0, 2], declared: nil) == .format(.oggOpus))
    #expect(AudioSniffer.sniff(Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 9], declared: nil) == .format(.mp3))
    #expect(AudioSniffer.sniff(Array("fLaC".utf8) + [0], declared: nil) == .unsupported("flac"))
    #expect(AudioSniffer.sniff([0x1A, 0x45, 0xDF, 0xA3, 1], declared: nil) == .format(.webm))
  }

  @Test func signaturesBeatDeclarations() {
    #expect(AudioSniffer.sniff(WAV.header(rate: 16_000, sampleCount: 1), declared: "pcm16") == .format(.wav))
    #expect(AudioSniffer.sniff(Array("OggS".utf8) + [0, 2], declared: "mulaw") == .format(.oggOpus))
  }

  @Test func asksForMoreBytesOnlyWhileItMustAndDecidesInTheEnd() {
    for whole in [WAV.header(rate: 16_000, sampleCount: 1), Array("OggS".utf8) + [0], frame + frame] {
      var verdicts: [Verdict] = []
      for length in 0...whole.count { verdicts.append(AudioSniffer.sniff(Array(whole[..<length]), declared: nil)) }
      let last = verdicts.last!
      #expect(last != .needMoreBytes && last != .format(.pcm16))
      // Once decided, it stays decided.
      #expect(verdicts.drop { $0 == .needMoreBytes }.allSatisfy { $0 == last })
      #expect(verdicts.firstIndex(of: last)! <= AudioSniffer.maximumByteCount)
    }
    #expect(AudioSniffer.conclude(Array("RIF".utf8), declared: nil) == .format(.pcm16))
    #expect(AudioSniffer.conclude([], declared: nil) == .format(.pcm16))
  }

  @Test func oneFrameAloneIsNotEnough() {
    #expect(AudioSniffer.sniff(frame, declared: nil) == .needMoreBytes)
    #expect(AudioSniffer.sniff(frame + frame, declared: nil) == .format(.mp3))
    #expect(AudioSniffer.sniff(frame + [0, 1, 2, 3], declared: nil) == .format(.pcm16))
    // The frame after it has another rate.
    #expect(AudioSniffer.sniff(frame + [0xFF, 0xFB, 0x94, 0x00], declared: nil) == .format(.pcm16))
  }

  @Test(
    arguments: [
      ([0xFF, 0xEB, 0x90, 0x00], "reserved version"), ([0xFF, 0xFD, 0x90, 0x00], "layer II"),
      ([0xFF, 0xFB, 0xF0, 0x00], "forbidden bit rate"), ([0xFF, 0xFB, 0x00, 0x00], "free bit rate"),
      ([0xFF, 0xFB, 0x9C, 0x00], "reserved rate"), ([0xFF, 0xFB, 0x90, 0x02], "reserved emphasis"),
      ([0xFF, 0x1B, 0x90, 0x00], "no sync"),
    ] as [([UInt8], String)])
  func headersWithReservedValuesAreNoFrames(bytes: [UInt8], what: String) {
    #expect(MP3FrameHeader(bytes[...]) == nil, "\(what)")
    #expect(AudioSniffer.sniff(bytes, declared: nil) == .format(.pcm16), "\(what)")
  }

  @Test func frameLengthsAreThoseOfTheStandard() {
    #expect(MP3FrameHeader([0xFF, 0xFB, 0x90, 0x00])?.frameByteCount == 417)
    #expect(MP3FrameHeader([0xFF, 0xFB, 0x92, 0x00])?.frameByteCount == 418)
    // 320 kbit/s at 32 kHz, padded: the longest.
    #expect(MP3FrameHeader([0xFF, 0xFB, 0xEA, 0x00])?.frameByteCount == 1_441)
    // MPEG-2, 32 kbit/s at 22.05 kHz; MPEG-2.5, 8 kbit/s at 8 kHz.
    #expect(MP3FrameHeader([0xFF, 0xF3, 0x40, 0x00])?.frameByteCount == 104)
    #expect(MP3FrameHeader([0xFF, 0xE3, 0x18, 0x00])?.frameByteCount == 72)
    #expect(AudioSniffer.maximumByteCount == 1_441 + 4)
  }

  /// Four thousand starts in noise of every level, speech, and in the samples just below zero that look like sync.
  @Test func rawSamplesAreNeverTakenForAContainer() {
    var random = SeededGenerator(seed: 41)
    let speech = Signals.speech(rate: 16_000, count: 64_000, levelDB: -12)
    var pieces: [[Int16]] = []
    for i in 0..<1_000 {
      let start = Int.random(in: 0..<60_000, using: &random)
      pieces.append(Array(speech[start..<start + 800]))
      pieces.append(Signals.noise(count: 800, levelDB: Double(-i % 90), seed: UInt64(i)))
      // Every first sample has 0xFF as its low byte.
      pieces.append([Int16(truncatingIfNeeded: (0xE0 + i % 32) << 8 | 0xFF)] + pieces.last!)
      pieces.append((0..<800).map { _ in Int16.random(in: -4...0, using: &random) })
    }
    for piece in pieces {
      #expect(AudioSniffer.sniff(PCM16.bytes(of: piece), declared: nil) == .format(.pcm16))
    }
  }

  @Test func randomBytesAlwaysGetAVerdict() {
    var random = SeededGenerator(seed: 42)
    for _ in 0..<5_000 {
      var bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if Bool.random(using: &random) { bytes = [0xFF, UInt8.random(in: 0xE0...0xFF, using: &random)] + bytes }
      #expect(AudioSniffer.conclude(bytes, declared: nil) != .needMoreBytes)
    }
  }

  @Test func lawsAndOtherCodecsAreBelievedByName() {
    #expect(AudioSniffer.sniff([1, 2, 3], declared: "audio/PCMU") == .format(.mulaw))
    #expect(AudioSniffer.sniff([1, 2, 3], declared: "g711_alaw") == .format(.alaw))
    #expect(AudioSniffer.sniff([1, 2, 3], declared: "mp3") == .format(.mp3))
    #expect(AudioSniffer.sniff([1, 2, 3], declared: "aac") == .unsupported("aac"))
    #expect(AudioSniffer.sniff([1, 2, 3], declared: "opus") == .format(.opus))
    #expect(AudioSniffer.sniff([1, 2, 3], declared: "no such thing") == .format(.pcm16))
  }

  @Test(
    arguments: [
      ("pcm_24000", AudioFormat.pcm16, 24_000), ("audio/pcm;rate=16000", .pcm16, 16_000), ("LINEAR16", .pcm16, nil),
      ("audio/L16; rate=8000", .pcm16, 8_000), ("s16le", .pcm16, nil), ("mp3_44100_128", .mp3, 44_100),
      ("audio/mpeg", .mp3, nil), ("ulaw_8000", .mulaw, 8_000), ("g711_ulaw", .mulaw, nil), ("audio/x-wav", .wav, nil),
      ("audio/ogg; codecs=opus", .oggOpus, nil), ("opus_48000_64", .oggOpus, 48_000), ("pcma", .alaw, nil),
    ] as [(String, AudioFormat, Int?)])
  func readsWhatVendorsDeclare(text: String, format: AudioFormat, rate: Int?) {
    #expect(AudioFormat.declared(text) == .format(format, rate: rate))
  }
}
