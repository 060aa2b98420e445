import Audio
import AudioDevices
import Capture
import Captures
import Foundation
import Insight
import Logging
import Session
import TestKit
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// A sink that keeps what it is given.
final class KeptCapture: CaptureSink {
  struct Kept: Sendable {
    var entries: [Entry] = []
    var tracks: [AudioTrack] = []
    var sound: [TrackID: [TapedSound]] = [:]
    var status = CaptureStatus(.recording)
    /// How many entries find room.
    var room = Int.max
  }
  let kept = Locked<Kept>(Kept())

  func write(_ entry: Entry) -> Bool {
    kept.withLock {
      guard $0.entries.count < $0.room else {
        $0.status.lost.entries += 1
        return false
      }
      $0.entries.append(entry)
      return true
    }
  }
  func addTrack(_ track: AudioTrack) -> TrackID {
    kept.withLock {
      $0.tracks.append(track)
      return TrackID($0.tracks.count)
    }
  }
  func write(_ samples: [Int16], at position: Int64, on track: TrackID) -> Bool {
    kept.withLock { $0.sound[track, default: []].append(TapedSound(at: position, samples)) }
    return true
  }
  var status: CaptureStatus { kept.withLock { $0.status } }
  func close() {}
}

/// What the pump writes to an output, and what of it was handed over.
@Suite struct TapedPlayoutTests {
  /// Random answers, flushes and holds: the track has what the device took, in order, and nothing else.
  @Test(arguments: 1...12) func theTrackHasWhatTheDeviceTook(_ seed: UInt64) {
    let output = FakeOutput()
    let time = Locked<Timestamp>(.zero)
    var pump = PlayoutPump(
      output: output, rate: 16_000, defaultRate: 16_000, jitterMs: 50...100, targetMs: 80, clock: TimelineClock(),
      isTaped: true, now: { time.withLock { $0 } })
    var generator = SeededGenerator(seed: seed)
    var (taken, taped): ([Int16], [TapedSound]) = ([], [])
    var next: Int16 = 1
    var response = 1
    for _ in 0..<1_500 {
      let now = time.withLock {
        $0 += .milliseconds(10)
        return $0
      }
      switch Int.random(in: 0..<60, using: &generator) {
      case 0..<20:
        let samples = (0..<480).map { _ in
          next = next == .max ? 1 : next + 1
          return next
        }
        _ = pump.play(pcm(samples), format: "pcm16", rate: nil, response: ResponseID(response), at: now)
      case 20:
        _ = pump.endOfResponse(ResponseID(response), at: now)
        response += 1
      case 21: _ = pump.flush(at: now)
      case 22: _ = pump.hold(at: now)
      case 23: _ = pump.resume(at: now)
      default: break
      }
      taken += output.take(160)
      _ = pump.feed(at: now)
      taped += pump.takeTaped(at: now)
    }
    taken += output.take(4_800)
    taped += pump.finishTape()
    #expect(taken.count > 10_000)
    #expect(taped.flatMap(\.samples) == taken)
    for (a, b) in zip(taped, taped.dropFirst()) { #expect(a.position + Int64(a.samples.count) <= b.position) }
  }

  @Test func nothingIsTapedWhereNothingIsCaptured() {
    let output = FakeOutput()
    var pump = PlayoutPump(
      output: output, rate: 16_000, defaultRate: 16_000, jitterMs: 50...100, targetMs: 80, clock: TimelineClock())
    #expect(pump.track == nil && pump.takeTaped(at: .zero).isEmpty)
  }
}

/// A whole session, with a file for a microphone and a file for a speaker.
@Suite(.serialized) struct CapturedSoundTests {
  private let folder = CapturesFolder()

  private struct Run {
    var entries: [Entry]
    var recording: [Int16]
    var wav: [Int16]
    var user: [TapedSound]
    var agent: [TapedSound]
    var agentRate: Int
  }

  /// Says something, interrupts an answer, and hears another one.
  private func run() async throws -> Run {
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    let clock = TimelineClock()
    var serverOptions = VoiceServerOptions()
    serverOptions.port = 0
    let server = try VoiceServer(
      serverOptions, clock: clock, log: Logger(label: "server") { _ in SwiftLogNoOpLogHandler() })
    defer { server.stop() }
    let recording = Signals.noise(count: 24_000, levelDB: -20)
    let wavPath = folder.path + "/out.wav"
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:\(server.port)/voice"))
    (options.input, options.output) = (.file(path: "noise.wav"), .file(path: wavPath))
    options.recording = recording
    options.seed = 1
    let path = folder.path + "/a.sidetone"
    let capture = try #require(
      try SessionCapture.begin(CaptureChoice(.file(path)), options, clock: clock, utcOffsetSeconds: 0))
    let told = Locked<(entries: [Entry], insight: Insight)>(([], Insight()))
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { entry in
          told.withLock {
            $0.entries.append(entry)
            $0.insight.observe(entry)
          }
          return true
        }
      ], capture: capture, finished: {})
    func reaches(_ condition: (Insight) -> Bool) async -> Bool {
      await eventually { told.withLock { condition($0.insight) } }
    }
    #expect(await reaches { $0.link.state == .ready })
    #expect(
      await eventually {
        told.withLock {
          $0.entries.contains { if case .injection(let i) = $0.event { i.state == .ended } else { false } }
        }
      })
    session.perform(.sendText("tell me a story"))
    #expect(await reaches { $0.turns.last.map { $0.playedMs > 700 } ?? false })
    session.perform(.interrupt)
    #expect(await reaches { !$0.playout.isPlaying })
    let turns = told.withLock { $0.insight.turns.count }
    session.perform(.sendText("what time is it"))
    #expect(
      await reaches { $0.turns.count > turns && $0.turns.last?.ending == .completed && !$0.playout.isPlaying })
    session.perform(.quit)
    session.stop()
    capture.close()
    #expect(capture.problem == nil)
    let reader = try CaptureFileReader(path: path)
    let tracks = try reader.tracks()
    func sound(_ name: TrackName) throws -> (rate: Int, pieces: [TapedSound]) {
      let track = try #require(tracks.first { $0.track.name == name })
      let blocks = try reader.audio(of: track.id, in: try #require(track.extent))
      return (track.track.rate, blocks.map { TapedSound(at: $0.position, $0.samples) })
    }
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: wavPath)))
    let agent = try sound(.agent)
    return Run(
      entries: told.withLock { $0.entries }, recording: recording, wav: PCM16.samples(of: Array(bytes.dropFirst(44))),
      user: try sound(.user).pieces, agent: agent.pieces, agentRate: agent.rate)
  }

  /// Pieces that follow each other without a gap, as one.
  private func stretches(_ pieces: [TapedSound]) -> [TapedSound] {
    var joined: [TapedSound] = []
    for piece in pieces {
      if let last = joined.last, last.position + Int64(last.samples.count) == piece.position {
        joined[joined.count - 1].samples += piece.samples
      } else {
        joined.append(piece)
      }
    }
    return joined
  }

  @Test func bothSidesAreOnTheirTracksToTheSample() async throws {
    let run = try await run()
    // The file that was spoken, whole, in one stretch.
    let user = stretches(run.user)
    let start = try #require(run.recording.first { $0 != 0 })
    let found = user.compactMap { stretch -> Int64? in
      for i in stretch.samples.indices where stretch.samples[i] == start {
        if stretch.samples[i...].starts(with: run.recording) { return stretch.position + Int64(i) }
      }
      return nil
    }
    #expect(found.count == 1, "\(user.map(\.samples.count))")
    // Each frame stands where its entry says that it was captured, to the sample.
    let ends = Set(
      run.user.flatMap { piece in
        stride(from: 320, through: piece.samples.count, by: 320).map { piece.position + Int64($0) }
      })
    var worst = 0.0
    for entry in run.entries {
      guard case .micFrame(let frame) = entry.event, frame.sampleCount == 320, let age = frame.ageMs else { continue }
      let end = (entry.at.milliseconds - age) * 16
      guard let nearest = ends.min(by: { abs(Double($0) - end) < abs(Double($1) - end) }) else { continue }
      worst = max(worst, abs(Double(nearest) - end))
    }
    #expect(worst < 20, "\(worst) samples")

    // The file that was played holds the stretches of the agent's track at one and the same offset, and nothing else.
    let agent = stretches(run.agent)
    #expect(run.agentRate == 16_000 && agent.count >= 2, "\(agent.map(\.samples.count))")
    var rest = run.wav
    var offsets: [Int] = []
    for stretch in agent {
      let loud = try #require(stretch.samples.firstIndex { abs($0) > 50 })
      let needle = Array(stretch.samples[loud...].prefix(64))
      let place =
        try #require(
          run.wav.indices.first { run.wav[$0] == needle[0] && run.wav[$0...].starts(with: needle) }) - loud
      let range = place..<place + stretch.samples.count
      #expect(range.lowerBound >= 0 && range.upperBound <= run.wav.count)
      guard range.lowerBound >= 0, range.upperBound <= run.wav.count else { continue }
      let difference = zip(run.wav[range], stretch.samples).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      #expect(difference == nil, "from this sample on, of \(stretch.samples.count)")
      for i in range { rest[i] = 0 }
      offsets.append(place - Int(stretch.position))
    }
    #expect(rest.allSatisfy { $0 == 0 }, "\(rest.count { $0 != 0 }) samples are on no track")
    // A file rests between answers, and goes on at the next frame.
    #expect((offsets.max() ?? 0) - (offsets.min() ?? 0) < 32, "\(offsets)")
  }

  @Test func whatHasNoRoomIsToldAndCounted() async throws {
    let kept = KeptCapture()
    kept.kept.withLock { $0.room = 20 }
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:1/voice"))
    (options.input, options.output) = (.silence, .null)
    options.session.reconnectAttempts = 0
    let told = Locked<[Entry.Event]>([])
    let session = SessionLoop(
      options, clock: TimelineClock(),
      readers: [
        { entry in
          told.withLock { $0.append(entry.event) }
          return true
        }
      ], capture: SessionCapture(CaptureWatch.Facts(path: "a.sidetone"), to: kept), finished: {})
    defer { session.stop() }
    #expect(
      await eventually {
        told.withLock {
          $0.contains { if case .queue(let depth) = $0 { depth.name == .capture && depth.dropped > 0 } else { false } }
            && $0.contains { if case .notice(let n) = $0 { n.id == .captureTooSlow } else { false } }
        }
      })
    #expect(kept.kept.withLock { $0.tracks.map(\.name) } == [.user, .agent])
    #expect(kept.kept.withLock { !($0.sound[TrackID(1)] ?? []).isEmpty }, "the sound has room of its own")
  }
}
