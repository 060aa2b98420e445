import Audio
import AudioCodecs
import Foundation
import TestKit
import Testing

@Suite struct AudioFileTests {
  /// A directory of the test's own, removed after it.
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory.path)
  }

  private func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

  private func failure(_ path: String) -> AudioFile.Failure? {
    do {
      _ = try AudioFile.read(path: path, rate: 16_000)
      return nil
    } catch { return error as? AudioFile.Failure }
  }

  @Test func readsWhatItWrites() throws {
    try withDirectory { directory in
      let samples = Signals.speech(rate: 16_000, count: 40_000)
      let writer = try AudioFileWriter(path: directory + "/a.wav", rate: 16_000)
      for start in stride(from: 0, to: 40_000, by: 320) { try writer.write(Array(samples[start..<start + 320])) }
      writer.close()
      writer.close()
      #expect(writer.sampleCount == 40_000)
      #expect(try AudioFile.read(path: directory + "/a.wav", rate: 16_000) == samples)
      #expect(try AudioFile.read(path: directory + "/a.wav", rate: 24_000).count == 60_000)
      #expect(throws: AudioFile.Failure.self) { try writer.write([1]) }
    }
  }

  @Test func theHeaderIsNeverMoreThanASecondOld() throws {
    try withDirectory { directory in
      let path = directory + "/killed.wav"
      let writer = try AudioFileWriter(path: path, rate: 8_000)
      try writer.write([Int16](repeating: 7, count: 8_000))
      for _ in 0..<40 { try writer.write([Int16](repeating: 7, count: 160)) }
      // What a kill would leave: the file as it is now, its writer still open.
      let left = try AudioFile.read(path: path, rate: 8_000)
      #expect(left.count >= 8_000)
      #expect(left.allSatisfy { $0 == 7 })
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(size == 44 + 2 * (8_000 + 40 * 160))
      writer.close()
      #expect(try AudioFile.read(path: path, rate: 8_000).count == 14_400)
    }
  }

  /// Headers that do not fit what follows: of a pipe, of a writer that was killed, of a file that was cut.
  @Test(arguments: [0, 0xFFFF_FFFF, 0x7FFF_FFFF, 0xFFFF_FFFE, 8_001, 16_002, 1_000_000])
  func aWAVWithAWrongSizeIsReadAsFarAsItGoes(_ size: Int) throws {
    try withDirectory { directory in
      let samples = Signals.speech(rate: 16_000, count: 8_000)
      var bytes = WAV.header(rate: 16_000, sampleCount: 8_000)
      for (at, value) in [(4, size == 0 ? 0 : min(size + 36, 0xFFFF_FFFF)), (40, size)] {
        for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
      }
      bytes += samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
      // Half a sample at the end.
      if size > 16_000 { bytes.append(7) }
      try write(bytes, directory + "/a.wav")
      let read = try AudioFile.read(path: directory + "/a.wav", rate: 16_000)
      #expect(read == Array(samples.prefix(size == 8_001 ? 4_000 : 8_000)))
    }
  }

  @Test func aWAVOfNothingButAHeaderHoldsNoSamples() throws {
    try withDirectory { directory in
      for count in [0, nil] as [Int?] {
        try write(WAV.header(rate: 16_000, sampleCount: count), directory + "/a.wav")
        #expect(failure(directory + "/a.wav")?.problem == "it holds no samples")
      }
    }
  }

  @Test func readsMP3AndOpusAndTelephony() throws {
    try withDirectory { directory in
      try write(taggedMP3, directory + "/a.mp3")
      let mp3 = try AudioFile.read(path: directory + "/a.mp3", rate: 16_000)
      #expect(mp3.count == 8_000)
      #expect(Signals.signalToNoiseDB(Array(mp3[2_000..<7_000]), hertz: 440, rate: 16_000) > 25)

      let tone = Signals.tone(440, rate: 16_000, count: 16_000)
      try write(OggOpusEncoding.stream(tone, rate: 16_000), directory + "/a.opus")
      let opus = try AudioFile.read(path: directory + "/a.opus", rate: 16_000)
      #expect(abs(opus.count - 16_000) < 400)
      #expect(Signals.signalToNoiseDB(Array(opus[2_000..<14_000]), hertz: 440, rate: 16_000) > 20)
    }
  }

  /// libsndfile's tables against ours.
  @Test(arguments: [(7, G711.Law.mu), (6, .a)]) func g711AgreesWithLibsndfile(tag: Int, law: G711.Law) throws {
    try withDirectory { directory in
      let codes = (UInt8.min...UInt8.max).map { $0 }
      var header = WAV.header(rate: 8_000, sampleCount: 128)
      header[20] = UInt8(tag)
      header[28...31] = [0x40, 0x1F, 0, 0]
      header[32] = 1
      header[34] = 8
      try write(header + codes, directory + "/law.wav")
      #expect(try AudioFile.read(path: directory + "/law.wav", rate: 8_000) == G711.decode(codes, law))
    }
  }

  @Test func saysWhatIsWrongAndWhatWouldHelp() throws {
    try withDirectory { directory in
      #expect(failure(directory + "/none.wav")?.problem == "No such file or directory")
      #expect(failure(directory)?.problem == "it is a directory")
      #expect(failure("/dev/null")?.problem == "it is not a regular file")
      try write([], directory + "/empty.wav")
      #expect(failure(directory + "/empty.wav")?.problem == "the file is empty")
      try write(Array("This is no sound, but a text long enough to be looked at.".utf8), directory + "/text.wav")
      let text = try #require(failure(directory + "/text.wav"))
      #expect(text.problem.contains("not a sound file"))
      #expect(text.remedy.contains("sox"))
      #expect(text.description.hasPrefix(directory + "/text.wav: not a sound file"))
      try write(WAV.header(rate: 16_000, sampleCount: 0), directory + "/silent.wav")
      #expect(failure(directory + "/silent.wav") != nil)
    }
  }

  @Test func refusesWhatLastsTooLong() throws {
    try withDirectory { directory in
      // 31 minutes at 1 kHz, 8 bits a sample.
      let count = 31 * 60 * 1_000
      var header = WAV.header(rate: 1_000, sampleCount: count / 2)
      header[28...31] = [0xE8, 3, 0, 0]
      header[32] = 1
      header[34] = 8
      try write(header + [UInt8](repeating: 128, count: count), directory + "/long.wav")
      #expect(failure(directory + "/long.wav")?.problem.contains("30 minutes") == true)
    }
  }

  @Test func aPlaceThatCannotBeWrittenIsAnError() throws {
    try withDirectory { directory in
      #expect(throws: AudioFile.Failure.self) { try AudioFileWriter(path: directory + "/no/such.wav", rate: 16_000) }
    }
  }
}
