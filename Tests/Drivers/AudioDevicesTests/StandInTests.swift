import Audio
import AudioDeviceTestKit
import Glibc
import Testing
import Threads
import Timeline

@testable import AudioDevices

/// What needs no device: inputs and outputs that keep time by themselves.
@Suite struct StandInTests {
  private let rate = 16_000

  /// Reads until the condition holds.
  private func collect(_ reader: InputReader, until isEnough: ([Int16]) -> Bool) -> [Int16] {
    var samples: [Int16] = []
    _ = eventually {
      samples += reader.read()
      return isEnough(samples)
    }
    return samples
  }

  @Test func aFileIsSpokenAtItsPaceAndThenThereIsSilence() throws {
    let log = EventLog()
    let waker = Waker()
    let speech = ramp(4_900)
    let input = PacedInput(speech, rate: rate, name: "hello.wav", events: log.add) { waker.wake() }
    let start = monotonicNanoseconds()
    input.start()
    let reader = InputReader(input)
    let got = collect(reader) { $0.count >= 8_000 }
    let elapsed = Double(monotonicNanoseconds() - start) / 1e9
    input.stop()
    #expect(Array(got.prefix(4_900)) == speech)
    #expect(got.dropFirst(4_900).allSatisfy { $0 == 0 })
    #expect(Double(got.count) / 16_000 <= elapsed + 0.001)
    #expect(log.states == [.ended])
    #expect(log.all[0].text == "hello.wav was spoken to its end (0.3 s)")
    #expect(waker.wait(timeout: .zero))
    let status = input.status
    #expect(status.samplesCaptured == 4_900)
    #expect(status.samplesCaptured + status.silenceInserted == got.count + reader.read().count)
  }

  @Test func heldSpeechWaitsForItsRelease() {
    let log = EventLog()
    let input = PacedInput(ramp(320), rate: rate, name: "held", isHeld: true, events: log.add) {}
    input.start()
    let reader = InputReader(input)
    let before = collect(reader) { $0.count >= 640 }
    #expect(before.allSatisfy { $0 == 0 })
    #expect(log.all.isEmpty)
    input.release()
    let after = collect(reader) { $0.contains(320) }
    input.stop()
    #expect(sounds(after, ramp(320)) == "as expected")
    #expect(log.states == [.ended])
  }

  @Test func silenceIsForEverAndEndsNever() {
    let input = PacedInput.silence(rate: 8_000, frame: .milliseconds(10)) {}
    input.start()
    let got = collect(InputReader(input)) { $0.count >= 800 }
    input.stop()
    #expect(got.count % 80 == 0)
    #expect(got.allSatisfy { $0 == 0 })
    #expect(input.status.samplesCaptured == 0)
  }

  @Test func aPipeIsReadToItsEndHoweverItIsCut() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let log = EventLog()
    let input = StdinInput(rate: rate, descriptor: ends[0], events: log.add) {}
    input.start()
    // Longer than what may wait in the program and in the pipe: the writer is held back, nothing is lost.
    let speech = ramp(60_000)
    let bytes: [UInt8] =
      speech.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] } + [99]
    let end = ends[1]
    let writer = NamedThread("pipe writer") {
      var position = 0
      while position < bytes.count {
        let count = min(777, bytes.count - position)
        position += bytes[position..<position + count].withUnsafeBytes { max(0, write(end, $0.baseAddress, count)) }
      }
      close(end)
    }
    let reader = InputReader(input)
    let got = collect(reader) { _ in log.first(.ended) != nil } + reader.read()
    writer.join()
    input.stop()
    close(ends[0])
    #expect(sounds(got, speech) == "as expected")
    #expect(log.states == [.ended])
    #expect(log.all[0].text == "stdin was closed after 3.7 s of audio")
    #expect(input.status.samplesCaptured == 60_000)
  }

  /// What is no audio, and what is audio in a container, would be noise.
  @Test(arguments: [
    ("", "brought 0 bytes"), ("hello\n", "brought 6 bytes"), ("this is no sound at all\n", "brings text"),
    ("RIFF\u{24}\u{1}\u{0}\u{0}WAVEfmt \u{10}\u{0}\u{0}\u{0}", "a WAV file"),
    ("fLaC\u{0}\u{0}\u{0}\u{22}\u{10}", "a flac file"),
    ("OggS\u{0}\u{2}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "an Ogg file"),
    ("{\"type\":\"audio\",\"data\":\"", "brings text"),
  ])
  func aPipeWithoutRawAudioFails(_ content: String, _ words: String) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let log = EventLog()
    let input = StdinInput(rate: rate, descriptor: ends[0], events: log.add) {}
    input.start()
    let bytes = Array(content.utf8)
    _ = write(ends[1], bytes, bytes.count)
    close(ends[1])
    let got = collect(InputReader(input)) { _ in log.first(.failed) != nil }
    input.stop()
    close(ends[0])
    #expect(log.states == [.failed])
    #expect(log.all[0].text.contains(words) && log.all[0].remedy?.contains("--input file:PATH") == true, "\(log.all)")
    if bytes.count >= 12 { #expect(got.allSatisfy { $0 == 0 }, "not a sample of it is heard") }
  }

  @Test func aPipeThatCannotBeReadFails() throws {
    let folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(folder) }
    let log = EventLog()
    let input = StdinInput(rate: rate, descriptor: folder, events: log.add) {}
    input.start()
    _ = collect(InputReader(input)) { _ in log.first(.failed) != nil }
    input.stop()
    #expect(log.all[0].text.contains("failed: Is a directory"), "\(log.all)")
  }

  @Test func aSilentPipeCanBeStopped() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let input = StdinInput(rate: rate, descriptor: ends[0], events: { _ in }) {}
    input.start()
    _ = collect(InputReader(input)) { $0.count >= 320 }
    input.stop()
    close(ends[0])
    close(ends[1])
    #expect(input.status.samplesCaptured == 0)
  }

  @Test func nothingTakesSamplesInRealTime() {
    let wakes = Locked<Int>(0)
    let output = NullOutput(rate: rate) { wakes.withLock { $0 += 1 } }
    let writer = OutputWriter(output)
    writer.write(ramp(4_000))
    #expect(writer.queued == .milliseconds(250))
    let start = monotonicNanoseconds()
    output.start()
    output.stop(drain: .seconds(30))
    #expect(monotonicNanoseconds() - start >= 240_000_000)
    #expect(output.status.samplesHandedOver == 4_000)
    #expect(output.status.ringUnderruns <= 1)
    #expect(output.status.deviceDelay == 0)
    #expect(output.ring.count == 0)
    // Half a period before the end, and at the end: not for each of thirteen.
    #expect(wakes.withLock { $0 } == 2)
  }

  @Test func aFlushedOutputForgetsWhatWaited() {
    let output = NullOutput(rate: rate) {}
    let writer = OutputWriter(output)
    writer.write(ramp(1_000))
    writer.flush()
    writer.write(ramp(320))
    output.start()
    output.stop(drain: .seconds(30))
    #expect(output.status.samplesHandedOver == 320)
    #expect(output.ring.flushed == 1_000)
  }

  @Test func aDrainEndsAtItsLimit() {
    let output = NullOutput(rate: rate) {}
    OutputWriter(output).write(ramp(40_000))
    output.start()
    output.stop(drain: .milliseconds(50))
    #expect(output.status.samplesHandedOver < 40_000)
  }

  @Test func aFileHoldsWhatWasPlayedAndIsValidAtAnyTime() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/out.wav"
      let output = try FileOutput(path: path, rate: rate, events: { _ in }) {}
      output.start()
      let writer = OutputWriter(output)
      feed(ramp(8_000), to: writer, rate: rate)
      // As `kill -9` would leave it: never stopped, and yet with a header that counts at least what was spoken.
      #expect(
        eventually {
          guard case .header(let header) = WAV.parse(bytes(of: path)) else { return false }
          return (header.dataByteCount ?? 0) >= 16_000
        })
      output.stop(drain: .seconds(30))
      let file = bytes(of: path)
      guard case .header(let header) = WAV.parse(file) else { throw Failure("no WAV") }
      #expect(header.rate == rate && header.channels == 1 && header.encoding == .pcm16)
      #expect(header.dataByteCount == file.count - 44)
      let samples = stride(from: 44, to: file.count - 1, by: 2).map {
        Int16(bitPattern: UInt16(file[$0]) | UInt16(file[$0 + 1]) << 8)
      }
      #expect(sounds(samples, ramp(8_000)) == "as expected")
      let status = output.status
      #expect(samples.count == status.samplesHandedOver + status.silencePadded)
      #expect(output.lost == 0)
    }
  }

  @Test func aRecordedVoiceIsForItsOwnerOnly() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/out.wav"
      try FileOutput(path: path, rate: rate, events: { _ in }) {}.stop(drain: .zero)
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func aFileThatCannotBeWrittenIsRefused() throws {
    // The header of /dev/full cannot be written either.
    #expect(throws: FileOutputError.self) { try FileOutput(path: "/dev/full", rate: 16_000, events: { _ in }) {} }
    do {
      _ = try FileOutput(path: "/nowhere/at/all.wav", rate: 16_000, events: { _ in }) {}
    } catch {
      #expect(error.description.hasPrefix("cannot write /nowhere/at/all.wav: No such file or directory; give"))
    }
  }

  @Test func readersAndWritersChangeTheRate() {
    let ring = SampleRing(capacity: 48_000)
    var ringRate = 48_000
    let reader = InputReader(ring, rate: 16_000) { ringRate }
    var got: [Int16] = []
    for block in 0..<100 {
      let samples = Array(tone(440, rate: 48_000, count: 48_000)[block * 480..<(block + 1) * 480])
      samples.withUnsafeBufferPointer { _ = ring.write($0) }
      got += reader.read()
    }
    #expect(abs(got.count - 16_000) < 100)
    #expect(abs(frequency(of: got, rate: 16_000) - 440) < 1)
    ringRate = 16_000
    ramp(100).withUnsafeBufferPointer { _ = ring.write($0) }
    #expect(reader.read() == ramp(100))
    #expect(reader.read() == [])
  }
}

private func bytes(of path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&block, 1, block.count, file)
    if count == 0 { return bytes }
    bytes += block[..<count]
  }
}
