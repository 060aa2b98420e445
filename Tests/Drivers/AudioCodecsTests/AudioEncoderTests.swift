import Audio
import Foundation
import Testing

@testable import AudioCodecs

/// What the encoders make is what our own decoder, and any other, plays.
@Suite struct AudioEncoderTests {
  /// 440 Hz at a quarter of full scale: −15 dBFS.
  private static func tone(seconds: Double, rate: Int) -> [Int16] {
    (0..<Int(seconds * Double(rate))).map { Int16(8000 * sin(Double($0) * 2 * .pi * 440 / Double(rate))) }
  }

  private static func messages(_ encoder: any AudioEncoder, _ samples: [Int16], piece: Int) -> [[UInt8]] {
    let pieces = stride(from: 0, to: samples.count, by: piece).flatMap {
      encoder.encode(PCM16.bytes(of: samples[$0..<min($0 + piece, samples.count)]))
    }
    return pieces + encoder.finish()
  }

  private static func rms(_ samples: ArraySlice<Int16>) -> Double { Level(of: Array(samples)).rmsDB }

  @Test(arguments: [AudioFormat.pcm16, .wav, .mp3, .oggOpus, .opus, .mulaw], [8_000, 16_000, 24_000])
  func isPlayedAsItWas(format: AudioFormat, rate: Int) throws {
    let encoder = try #require(AudioEncoders.make(format, rate: rate))
    let samples = Self.tone(seconds: 2, rate: rate)
    let messages = Self.messages(encoder, samples, piece: rate / 25)
    let decoder = IncomingAudioDecoder(outputRate: rate)
    var heard: [Int16] = []
    for message in messages {
      let output = decoder.decode(message, declaredFormat: format.rawValue, declaredRate: nil, defaultRate: rate)
      #expect(output.problem == nil)
      heard += output.samples
      if let told = output.format { #expect(told == format.rawValue) }
    }
    heard += decoder.endOfResponse()
    switch format {
    case .mp3:
      // What LAME puts in front and behind: less than 200 ms at 16 kHz, in frames of 576 samples.
      #expect((samples.count..<samples.count + 4000).contains(heard.count), "\(heard.count)")
    case .oggOpus: #expect(abs(heard.count - samples.count) <= rate / 50, "\(heard.count)")
    // The encoder's lookahead stands in front, and the last packet is padded.
    case .opus: #expect((samples.count...samples.count + rate / 50).contains(heard.count), "\(heard.count)")
    case .mulaw: #expect(abs(heard.count - samples.count) <= rate / 8_000, "\(heard.count)")
    default: #expect(heard == samples)
    }
    let middle = heard.count / 4..<heard.count * 3 / 4
    #expect(abs(Self.rms(heard[middle]) - Self.rms(samples[middle])) < 0.5)
    // 440 Hz is still 440 Hz.
    let crossings = zip(heard[middle], heard[middle].dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(Double(crossings) * Double(rate) / Double(middle.count) - 440) < 3)
  }

  @Test func eachWAVIsAFileOfItsOwn() throws {
    let encoder = try #require(AudioEncoders.make(.wav, rate: 16_000))
    let samples = Self.tone(seconds: 1, rate: 16_000)
    for message in Self.messages(encoder, samples, piece: 3000) {
      guard case .header(let header) = WAV.parse(message) else {
        Issue.record("no WAV")
        return
      }
      #expect(header.rate == 16_000 && header.channels == 1 && header.encoding == .pcm16)
      #expect(header.dataByteCount == message.count - header.dataOffset)
    }
  }

  @Test func streamsComeWhileTheyAreMade() throws {
    for format in [AudioFormat.mp3, .oggOpus] {
      let encoder = try #require(AudioEncoders.make(format, rate: 16_000))
      let messages = Self.messages(encoder, Self.tone(seconds: 2, rate: 16_000), piece: 640)
      // 50 pieces of 40 ms; the MP3 encoder begins one or two of them late.
      #expect((46...52).contains(messages.count), "\(format): \(messages.count)")
      #expect(messages.map(\.count).reduce(0, +) < 30_000)
    }
  }

  @Test func anMP3HasNoEmptyFrameInFront() throws {
    let encoder = try #require(AudioEncoders.make(.mp3, rate: 16_000))
    let bytes = Self.messages(encoder, Self.tone(seconds: 1, rate: 16_000), piece: 640).flatMap(\.self)
    #expect(bytes.prefix(2).elementsEqual([0xFF, 0xF3]))
    #expect(bytes[4..<100].contains { $0 != 0 })
    #expect(Data(bytes).range(of: Data("Info".utf8)) == nil)
    #expect(Data(bytes).range(of: Data("Xing".utf8)) == nil)
  }

  @Test func anOpusStreamIsWholeAndSaysWhereItEnds() throws {
    let encoder = try #require(AudioEncoders.make(.oggOpus, rate: 16_000))
    // A length that no packet fits.
    let samples = Array(Self.tone(seconds: 1, rate: 16_000).prefix(15_777))
    let messages = Self.messages(encoder, samples, piece: 640)
    let first = try #require(messages.first)
    #expect(first.starts(with: "OggS".utf8))
    #expect(Data(first).range(of: Data("OpusHead".utf8)) != nil)
    #expect(Data(first).range(of: Data("OpusTags".utf8)) != nil)
    // Every later message is whole pages, the last of them with the flag of the end.
    for message in messages { #expect(message.starts(with: "OggS".utf8)) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("opus-\(UUID().uuidString).opus")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(messages.flatMap(\.self)).write(to: folder)
    let read = try AudioFile.read(path: folder.path, rate: 16_000)
    #expect(abs(read.count - samples.count) <= 16, "another library reads \(read.count) of \(samples.count)")
  }

  @Test func nothingIsMadeOfNothing() throws {
    for format in [AudioFormat.pcm16, .wav, .oggOpus, .opus, .mulaw] {
      let encoder = try #require(AudioEncoders.make(format, rate: 16_000))
      #expect(encoder.encode([]).isEmpty)
      #expect(encoder.finish().isEmpty)
    }
    #expect(AudioEncoders.make(.oggOpus, rate: 44_100) == nil)
    #expect(AudioEncoders.make(.opus, rate: 44_100) == nil)
    #expect(AudioEncoders.make(.alaw, rate: 8_000) == nil)
  }

  @Test func whoStopsInTheMiddleLeavesNothingBehind() throws {
    for format in [AudioFormat.mp3, .oggOpus] {
      for _ in 0..<20 {
        let encoder = try #require(AudioEncoders.make(format, rate: 16_000))
        _ = encoder.encode(PCM16.bytes(of: Self.tone(seconds: 0.1, rate: 16_000)))
      }
    }
  }
}
