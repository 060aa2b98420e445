import Audio
import AudioDevices
import TestKit
import Testing
import Timeline

@testable import Runtime

@Suite struct MicPathTests {
  private let rate = 16_000

  @Test func framesAreTwentyMillisecondsHoweverTheInputIsCut() {
    let input = FakeInput()
    var path = MicPath(reader: InputReader(input), rate: rate, surroundings: .silent, clock: TimelineClock())
    let heard = (0..<3_300).map { Int16($0) }
    var frames: [[Int16]] = []
    var next = 0
    for piece in [1, 319, 320, 640, 37, 963, 1_020] {
      input.hear(Array(heard[next..<next + piece]))
      next += piece
      frames += path.take(at: .zero).frames.map(\.samples)
    }
    #expect(frames.map(\.count) == [Int](repeating: 320, count: 10))
    #expect(frames.flatMap(\.self) == Array(heard[..<3_200]))
  }

  @Test func eachFrameKnowsWhenItWasCaptured() {
    let clock = TimelineClock()
    let input = FakeInput(ringOrigin: clock.nanoseconds(Timestamp(milliseconds: 500)))
    var path = MicPath(reader: InputReader(input), rate: rate, surroundings: .silent, clock: clock)
    input.hear([Int16](repeating: 1, count: 800))
    #expect(path.take(at: .zero).frames.map(\.capturedAt?.milliseconds) == [520, 540])
    input.hear([Int16](repeating: 1, count: 160))
    #expect(path.take(at: .zero).frames.map(\.capturedAt?.milliseconds) == [560])
    // What the canceller holds back is as old as it is: here its own latency of 10 ms.
    let noisy = FakeInput(ringOrigin: clock.nanoseconds(Timestamp(milliseconds: 500)))
    path = MicPath(reader: InputReader(noisy), rate: rate, surroundings: .noisy, clock: clock)
    noisy.hear([Int16](repeating: 1, count: 700))
    #expect(path.take(at: .zero).frames.map(\.capturedAt?.milliseconds) == [510, 530])
    // Nobody knows.
    let unknown = FakeInput()
    path = MicPath(reader: InputReader(unknown), rate: rate, surroundings: .silent, clock: clock)
    unknown.hear([Int16](repeating: 1, count: 320))
    #expect(path.take(at: .zero).frames.map(\.capturedAt) == [nil])
  }

  @Test func typedSpeechIsSpokenAtTheMicrophonesPaceInItsPlace() {
    let input = FakeInput()
    var path = MicPath(reader: InputReader(input), rate: rate, surroundings: .silent, clock: TimelineClock())
    path.speak(InjectedSpeech(samples: [Int16](repeating: 7, count: 700), source: .say, name: "seven"))
    path.speak(
      InjectedSpeech(samples: [Int16](repeating: 9, count: 320), source: .input, name: "nine.wav", isSynthetic: false))
    #expect(path.isSpeaking)
    var frames: [MicrophonePath.Frame] = []
    var told: [String] = []
    for tick in 0..<30 {
      // Nothing is spoken but in time with the input.
      let early = path.take(at: .zero).frames
      #expect(early.isEmpty)
      input.hear([Int16](repeating: 1, count: 320))
      let new = path.take(at: .zero)
      #expect(new.frames.count == 1)
      frames += new.frames
      told += new.changes.map { "\(tick) \($0.name) \($0.state.rawValue) \($0.durationMs) \($0.spokenMs)" }
    }
    // 700 samples in three frames, filled up with silence; 400 ms of breath; one frame; then the microphone again.
    let spoken = frames[..<3].flatMap(\.samples)
    #expect(spoken == [Int16](repeating: 7, count: 700) + [Int16](repeating: 0, count: 260))
    let breath = frames[3..<23].flatMap(\.samples)
    #expect(breath == [Int16](repeating: 0, count: 6_400))
    #expect(frames[23].samples == [Int16](repeating: 9, count: 320))
    let microphone = frames[24...].flatMap(\.samples)
    #expect(microphone == [Int16](repeating: 1, count: 6 * 320))
    #expect(frames[24...].filter(\.isSynthetic).isEmpty)
    #expect(frames[..<3].map(\.isSynthetic) == [true, true, true])
    #expect(!frames[23].isSynthetic)
    #expect(
      told == [
        "0 seven started 43.75 0.0", "2 seven ended 43.75 43.75", "23 nine.wav started 20.0 0.0",
        "23 nine.wav ended 20.0 20.0",
      ])
    #expect(!path.isSpeaking)
  }

  @Test func aMixedFileIsAddedToTheMicrophoneAndPassesAsTheMicrophone() {
    let input = FakeInput()
    var path = MicPath(reader: InputReader(input), rate: rate, surroundings: .silent, clock: TimelineClock())
    let loud = [Int16](repeating: 30_000, count: 320) + [Int16](repeating: 5, count: 320)
    path.speak(
      InjectedSpeech(samples: loud, source: .play, name: "a.wav", isMixed: true, isSynthetic: false))
    input.hear([Int16](repeating: 20_000, count: 640))
    let taken = path.take(at: .zero)
    let (frames, changes) = (taken.frames, taken.changes)
    #expect(frames.map(\.samples) == [[Int16](repeating: .max, count: 320), [Int16](repeating: 20_005, count: 320)])
    #expect(frames.filter(\.isSynthetic).isEmpty)
    #expect(changes.map(\.state) == [.started, .ended] && changes.allSatisfy { $0.isMixed })
  }

  @Test func toStopSpeakingDropsWhatIsSpokenAndWhatWaits() {
    let input = FakeInput()
    var path = MicPath(reader: InputReader(input), rate: rate, surroundings: .silent, clock: TimelineClock())
    for name in ["a", "b"] {
      path.speak(InjectedSpeech(samples: [Int16](repeating: 7, count: 3_200), source: .say, name: name))
    }
    input.hear([Int16](repeating: 1, count: 640))
    #expect(path.take(at: .zero).changes.map(\.state) == [.started])
    let dropped = path.stopSpeaking()
    #expect(dropped.map(\.name) == ["a", "b"] && dropped.allSatisfy { $0.state == .cancelled })
    #expect(dropped.map(\.spokenMs) == [40, 0])
    #expect(!path.isSpeaking && path.stopSpeaking().isEmpty)
    input.hear([Int16](repeating: 1, count: 320))
    #expect(path.take(at: .zero).frames.map(\.samples) == [[Int16](repeating: 1, count: 320)])
  }

  /// A rest's last frames come at once: they are silence, and the speech keeps its pace.
  @Test func speechDoesNotBeginInTimeThatHasPassed() {
    let clock = TimelineClock()
    let input = FakeInput(ringOrigin: clock.nanoseconds(Timestamp(milliseconds: 1_000)))
    var path = MicPath(reader: InputReader(input), rate: rate, surroundings: .silent, clock: clock)
    path.speak(
      InjectedSpeech(samples: [Int16](repeating: 7, count: 320), source: .say, name: "seven"),
      afterRest: Timestamp(milliseconds: 1_090))
    input.hear([Int16](repeating: 0, count: 1_600))
    let passed = path.take(at: .zero)
    #expect(passed.frames.count == 5 && passed.changes.isEmpty)
    #expect(passed.frames.allSatisfy { $0.samples.allSatisfy { $0 == 0 } })
    input.hear([Int16](repeating: 0, count: 320))
    #expect(path.take(at: .zero).frames.first?.samples == [Int16](repeating: 7, count: 320))
  }

  @Test func withoutAMicrophoneThereIsNothingToCancel() {
    let input = FakeInput()
    let output = FakeOutput(hasReference: true)
    var path = MicPath(
      reader: InputReader(input), rate: rate, surroundings: .speaker(output), clock: TimelineClock())
    path.deviceChanged(DeviceChange(role: .mic, state: .failed, name: "default", text: ""))
    let samples = Signals.noise(count: 1_600, levelDB: -30)
    input.hear(samples)
    output.played(Signals.noise(count: 1_600, levelDB: -20))
    #expect(path.take(at: .zero).frames.flatMap(\.samples) == samples, "at once and untouched")
    #expect(output.reference?.count == 0, "and the speaker's side does not pile up")
    path.deviceChanged(DeviceChange(role: .mic, state: .recovered, name: "default", text: ""))
    input.hear(samples)
    #expect(path.take(at: .zero).frames.flatMap(\.samples) != samples)
  }

  // MARK: A room

  @Test func theAgentsVoiceDoesNotReachTheSession() {
    let room = SimulatedRoom()
    let heard = room.run(seconds: 8)
    #expect(heard.onsets == [])
    #expect(room.path.echo?.phase == .ready)
    #expect(room.path.echo?.isHolding == true)
    #expect((room.path.echo?.erleDB ?? 0) > 15, "\(room.path.echo?.erleDB ?? 0) dB")
  }

  @Test func speechOverTheAgentDoes() {
    let room = SimulatedRoom()
    room.talker = Array(
      [[Int16](repeating: 0, count: 96_000), Signals.speech(rate: rate, count: 16_000, levelDB: -18, seed: 31)].joined()
    )
    let heard = room.run(seconds: 8)
    #expect(heard.onsets.count == 1, "\(heard.onsets)")
    #expect(heard.onsets.first.map { (6.0...6.5).contains($0) } == true, "\(heard.onsets)")
  }

  /// The microphone goes on into the canceller while typed speech stands in its place: afterwards nothing is learnt
  /// anew, and nothing of the agent comes through.
  @Test func typedSpeechLeavesTheCancellerInStep() {
    let room = SimulatedRoom()
    _ = room.run(seconds: 4)
    room.path.speak(
      InjectedSpeech(samples: Signals.speech(rate: rate, count: rate, seed: 40), source: .say, name: "typed"))
    let typed = room.run(seconds: 1)
    let areTyped = typed.frames.prefix(49).allSatisfy(\.isSynthetic)
    #expect(areTyped)
    #expect(typed.onsets.count == 1)
    let erle = room.path.echo?.erleDB ?? 0
    let after = room.run(seconds: 2)
    #expect(after.onsets == [])
    #expect((room.path.echo?.erleDB ?? 0) > erle - 6)
  }

  @Test func aReopenedSpeakerIsLearntAnew() {
    let room = SimulatedRoom()
    _ = room.run(seconds: 5)
    #expect(room.path.echo?.phase == .ready)
    // Nothing is heard of it, and its thread tells nothing: the reference lags behind from then on.
    room.speakerIsGone = true
    room.path.deviceChanged(DeviceChange(role: .speaker, state: .lost, name: "default", text: ""))
    _ = room.run(seconds: 0.3)
    room.speakerIsGone = false
    room.path.deviceChanged(DeviceChange(role: .speaker, state: .recovered, name: "default", text: ""))
    let first = room.run(seconds: 1)
    #expect(room.path.echo?.phase == .learning)
    let after = room.run(seconds: 5)
    #expect(first.onsets + after.onsets == [], "nothing of the agent, aligned or not")
    #expect(room.path.echo?.phase == .ready, "and learnt anew")
    #expect((room.path.echo?.erleDB ?? 0) > 15, "\(room.path.echo?.erleDB ?? 0) dB")
  }

  /// A sound server moves the stream to another sink without a word: it stands still for less than counts as lost.
  @Test func aStreamThatStoodStillIsLearntAnew() {
    let room = SimulatedRoom()
    _ = room.run(seconds: 5)
    #expect(room.path.echo?.phase == .ready)
    room.speakerIsGone = true
    let gap = room.run(seconds: 0.6)
    room.speakerIsGone = false
    room.output.status.standstills += 1
    let first = room.run(seconds: 1)
    #expect(room.path.echo?.phase == .learning)
    let after = room.run(seconds: 5)
    #expect(gap.onsets + first.onsets + after.onsets == [], "nothing of the agent, aligned or not")
    #expect(room.path.echo?.phase == .ready, "and learnt anew")
  }

  @Test func aSpeakerThatStandsStillHoldsNobodyUp() {
    let room = SimulatedRoom()
    _ = room.run(seconds: 1)
    room.speakerIsGone = true
    let heard = room.run(seconds: 1)
    #expect(heard.frames.count >= 45, "\(heard.frames.count) frames of 50")
  }

  @Test func withoutASpeakerNoiseAloneIsSuppressed() {
    let input = FakeInput()
    var path = MicPath(
      reader: InputReader(input), rate: rate, surroundings: .noisy, clock: TimelineClock())
    #expect(path.echo == nil)
    let noise = Signals.noise(count: rate * 4, levelDB: -45)
    var output: [Int16] = []
    for start in stride(from: 0, to: noise.count, by: 160) {
      input.hear(Array(noise[start..<start + 160]))
      output += path.take(at: .zero).frames.flatMap(\.samples)
    }
    #expect(output.count == noise.count)
    #expect(Level(of: output.suffix(rate)).rmsDB < -52)
  }
}

/// A microphone and a speaker in a room, on virtual time: each device has its own thread, which comes late by its own
/// chance, and the session wakes up with each of them.
private final class SimulatedRoom {
  struct Heard {
    var frames: [MicrophonePath.Frame] = []
    /// When a voice activity detector heard speech begin, in seconds since the room was made.
    var onsets: [Double] = []
  }

  var path: MicPath
  var talker: [Int16] = []
  var speakerIsGone = false
  private let input = FakeInput()
  let output = FakeOutput(hasReference: true)
  private let far = Signals.speech(rate: 16_000, count: 16_000 * 14, seed: 30)
  private let echo: [Int16]
  private var random = SeededGenerator(seed: 9)
  private var detector = VoiceActivityDetector(rate: 16_000)
  /// Microseconds; samples that each thread has told of.
  private var now = 0
  private var (captured, played) = (0, 0)

  init() {
    path = MicPath(
      reader: InputReader(input), rate: 16_000, surroundings: .speaker(output), clock: TimelineClock())
    // Through the air and a wall in 6 and 17 ms.
    var echo = [Int16](repeating: 0, count: far.count)
    for i in 96..<far.count { echo[i] = far[i - 96] / 2 }
    for i in 272..<far.count { echo[i] &+= far[i - 272] / 6 }
    self.echo = echo
  }

  func run(seconds: Double) -> Heard {
    var heard = Heard()
    for _ in 0..<Int(seconds * 100) {
      // Within 10 ms, first one thread and then the other, each up to 4 ms late.
      let speaker = now + 3_000 + Int.random(in: 0...4_000, using: &random)
      let microphone = now + 5_500 + Int.random(in: 0...4_000, using: &random)
      for (time, isSpeaker) in [(speaker, true), (microphone, false)].sorted(by: { $0.0 < $1.0 }) {
        if isSpeaker { play(until: (now + 3_000) * 16 / 1_000) } else { capture(until: (now + 5_500) * 16 / 1_000) }
        let frames = path.take(at: Timestamp(nanoseconds: Int64(time) * 1_000)).frames
        heard.frames += frames
        for frame in frames {
          for edge in detector.process(frame.samples) where edge.isStart {
            heard.onsets.append(Double(time) / 1e6)
          }
        }
      }
      now += 10_000
    }
    return heard
  }

  private func play(until position: Int) {
    guard position > played else { return }
    if !speakerIsGone { output.played(Array(far[played..<position])) }
    played = position
  }

  private func capture(until position: Int) {
    guard position > captured else { return }
    let said = captured < talker.count ? Array(talker[captured..<min(position, talker.count)]) : []
    let echo = speakerIsGone ? [Int16](repeating: 0, count: position - captured) : Array(echo[captured..<position])
    input.hear(Signals.mix(echo, said))
    captured = position
  }
}
