import Audio
import AudioDevices
import Capture
import Foundation
import TestKit
import Testing
import Threads
import Timeline

@testable import Runtime

/// The sound of a recording on its way to a file: measured in the file.
@Suite struct ReplaySpeakerTests {
  /// Tracks without a file; a second of each is of one level, and begins with a loud sample each tenth of it.
  private struct Recording: CaptureSource {
    static let rate = 16_000
    /// What of one track: the level of the seconds is that times 1, 2, 3 and so on.
    static let levels: [TrackID: Int] = [TrackID(1): 10, TrackID(2): 1000]
    let header = CaptureHeader(programVersion: "1", wallClockMilliseconds: 0)
    let reads = Locked<Int>(0)
    var isDamaged = false

    func tracks() -> [CapturedTrack] {
      [(1, TrackName.user), (2, .agent)].map { id, name in
        CapturedTrack(
          id: TrackID(id), track: AudioTrack(name, rate: Self.rate, start: Timestamp(milliseconds: 0)),
          extent: 0..<Int64(Self.rate * 20))
      }
    }

    func audio(of track: TrackID, in range: Range<Int64>) throws -> [AudioBlock] {
      reads.withLock { $0 += 1 }
      if isDamaged { throw CaptureReadError.damaged("a block of sound") }
      let range = range.clamped(to: 0..<Int64(Self.rate * 20))
      let unit = Self.levels[track] ?? 0
      // The first half of each second; nothing was recorded of the other.
      let samples = range.map { position in
        Int(position) % Self.rate < Self.rate / 2 ? Int16(unit * (1 + Int(position) / Self.rate)) : 0
      }
      return [AudioBlock(track: track, position: range.lowerBound, samples: samples)]
    }

    func firstIndex(at time: Timestamp) -> Int? { nil }
    func entries(from index: Int, limit: Int) -> CapturePage { CapturePage(entries: [], next: nil) }
    func search(_ text: String, from index: Int, limit: Int) -> [Int] { [] }
    func extent() -> CaptureExtent {
      CaptureExtent(first: nil, last: nil, isFinished: true, lost: CaptureCounts())
    }
  }

  private final class Rig {
    let path = NSTemporaryDirectory() + "sidetone-\(UUID().uuidString).wav"
    let speaker: ReplaySpeaker

    init(_ recording: Recording = Recording()) {
      speaker = ReplaySpeaker(recording, clock: TimelineClock(), output: .file(path: path)) {}
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// What is in the file, behind its header.
    var samples: [Int16] {
      guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return [] }
      return PCM16.samples(of: Array(data.dropFirst(44)))
    }

    /// Waits until so many samples more are in the file than now.
    func wait(for count: Int) {
      let wanted = samples.count + count
      #expect(eventually { samples.count >= wanted })
    }
  }

  private static func eventually(_ isTrue: () -> Bool) -> Bool {
    for _ in 0..<6000 {
      if isTrue() { return true }
      usleep(10_000)
    }
    return false
  }

  private func eventually(_ isTrue: () -> Bool) -> Bool { Self.eventually(isTrue) }

  /// Samples of one level, one behind the other: where they begin, how many there are.
  private static func runs(_ samples: [Int16]) -> [(level: Int16, start: Int, count: Int)] {
    var runs: [(level: Int16, start: Int, count: Int)] = []
    for (i, sample) in samples.enumerated() {
      if let last = runs.last, last.level == sample {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((sample, i, 1))
      }
    }
    return runs
  }

  /// Both tracks, to the sample, with silence where nothing was recorded. A machine that is busy with something else for longer
  /// than is written ahead puts silence between, so that it is tried again.
  @Test func whatIsInTheFileIsWhatWasRecorded() throws {
    var seen: [[Int]] = []
    for _ in 0..<5 {
      let rig = Rig()
      rig.speaker.play(from: Timestamp(milliseconds: 400))
      #expect(eventually { rig.samples.count > 44_000 })
      rig.speaker.stop()
      let runs = Self.runs(rig.samples).drop { $0.level == 0 }
      let counts = runs.map(\.count)
      seen.append(counts)
      // The output was opened meanwhile, so it begins a little later than it was told.
      guard counts.count >= 5, counts[0] <= 1600, Array(counts[1..<4]) == [8000, 8000, 8000] else { continue }
      #expect(runs.prefix(5).map(\.level) == [1010, 0, 2020, 0, 3030])
      #expect(rig.speaker.problem == nil)
      return
    }
    Issue.record("never without a gap: \(seen)")
  }

  @Test func nothingIsHeardOfWhatWasLeft() {
    let rig = Rig()
    rig.speaker.choose(.agent)
    rig.speaker.play(from: Timestamp(milliseconds: 2000))
    #expect(eventually { rig.samples.contains(3000) })
    rig.speaker.seek(to: Timestamp(milliseconds: 7000))
    #expect(eventually { rig.samples.contains(8000) })
    rig.speaker.choose(.user)
    #expect(eventually { rig.samples.contains(80) || rig.samples.contains(90) })
    rig.speaker.pause()
    // 20 ms are on their way to the file.
    rig.wait(for: 4000)
    let count = rig.samples.count
    rig.wait(for: 8000)
    #expect(rig.samples.dropFirst(count).allSatisfy { $0 == 0 })
    rig.speaker.seek(to: Timestamp(milliseconds: 11_000))
    rig.wait(for: 8000)
    #expect(rig.samples.dropFirst(count).allSatisfy { $0 == 0 })
    rig.speaker.play(from: Timestamp(milliseconds: 11_000))
    #expect(eventually { rig.samples.contains(120) })
    rig.speaker.stop()
    // In this order, each once, and never two at once.
    let levels = Self.runs(rig.samples).map(\.level).filter { $0 != 0 }
    var order: [Int16] = []
    for level in levels where order.last != level { order.append(level) }
    #expect(order == [3000, 8000, 80, 120] || order == [3000, 8000, 90, 120], "\(order)")
  }

  @Test func anOutputIsOpenedWhenThereIsSomethingToHear() {
    let rig = Rig()
    rig.speaker.choose(.off)
    rig.speaker.play(from: .zero)
    rig.speaker.seek(to: Timestamp(milliseconds: 500))
    rig.speaker.stop()
    #expect(!FileManager.default.fileExists(atPath: rig.path))
    // Chosen later, it begins where the recording is by then.
    let other = Rig()
    other.speaker.choose(.off)
    other.speaker.play(from: Timestamp(milliseconds: 3000))
    other.speaker.choose(.user)
    #expect(eventually { other.samples.contains { $0 >= 40 } })
    other.speaker.stop()
  }

  @Test func whatCannotBeHeardIsTold() {
    var recording = Recording()
    recording.isDamaged = true
    let rig = Rig(recording)
    rig.speaker.play(from: .zero)
    #expect(eventually { rig.speaker.problem?.contains("damaged") == true })
    rig.wait(for: 8000)
    rig.speaker.stop()
    #expect(rig.samples.allSatisfy { $0 == 0 })
    let nowhere = ReplaySpeaker(Recording(), clock: TimelineClock(), output: .file(path: "/nonexistent/a.wav")) {}
    nowhere.play(from: .zero)
    #expect(eventually { nowhere.problem?.contains("/nonexistent/a.wav") == true })
    nowhere.play(from: .zero)
    nowhere.stop()
  }
}
