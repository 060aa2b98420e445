import TestKit
import Testing
import Timeline

@testable import Audio

@Suite struct MicrophonePathTests {
  private let rate = 16_000

  /// However the input is cut and whatever is spoken, mixed, waited for or stopped: each frame is what a list of all samples
  /// says, and knows when it was captured.
  @Test(arguments: UInt64(1)...15) func framesAreWhatWasHeardWithWhatWasSpoken(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var path = MicrophonePath(rate: rate, surroundings: .silent)
    var heard: [Int16] = []
    var frames: [MicrophonePath.Frame] = []
    // What stands in the microphone's place, or is added to it, by sample.
    var voice: [Int: (value: Int16, isMixed: Bool)] = [:]
    // The frame in which all that is to be spoken is over.
    var busyUntil = 0
    var (asked, started, over) = (0, 0, 0)
    for _ in 0..<300 {
      switch random.below(8) {
      case 0:
        let isMixed = random.below(2) == 0
        let samples = (0..<random.below(1_500)).map { _ in Int16(truncatingIfNeeded: random.next()) }
        let passed = random.below(3) * 20
        let begin = max(busyUntil, frames.count)
        let breath = busyUntil > frames.count ? 20 : passed / 20
        path.speak(
          InjectedSpeech(samples: samples, source: .say, name: "words", isMixed: isMixed),
          after: .milliseconds(passed))
        asked += 1
        let length = max(1, (breath * 320 + samples.count + 319) / 320)
        for i in 0..<length * 320 {
          let own = i - breath * 320
          voice[begin * 320 + i] = (samples.indices.contains(own) ? samples[own] : 0, isMixed)
        }
        busyUntil = begin + length
      case 1 where random.below(3) == 0:
        over += path.stopSpeaking().count
        busyUntil = frames.count
        for i in voice.keys where i >= frames.count * 320 { voice[i] = nil }
      default:
        let piece = (0..<random.one(of: [0, 1, 160, 320, 320, 441, 1_000])).map { _ in
          Int16(truncatingIfNeeded: random.next())
        }
        heard += piece
        let captured = Timestamp(nanoseconds: Int64(heard.count) * 62_500)
        let outcome = path.handle(.init(piece, capturedAt: captured), at: captured)
        frames += outcome.frames
        started += outcome.changes.count { $0.state == .started }
        over += outcome.changes.count { $0.state == .ended }
      }
      #expect(path.isSpeaking == (busyUntil > frames.count), "seed \(seed)")
    }
    #expect(frames.count == heard.count / 320)
    #expect(over <= asked && started <= asked)
    if !path.isSpeaking { #expect(over == asked) }
    for (n, frame) in frames.enumerated() {
      let expected = (n * 320..<(n + 1) * 320).map { i in
        guard let (value, isMixed) = voice[i] else { return heard[i] }
        return isMixed ? Int16(clamping: Int(heard[i]) + Int(value)) : value
      }
      #expect(frame.samples == expected, "seed \(seed), frame \(n)")
      #expect(frame.capturedAt == Timestamp(milliseconds: Double(n + 1) * 20), "seed \(seed), frame \(n)")
    }
  }

  @Test func aWholeFrameIsHandedOnAsItIs() {
    var path = MicrophonePath(rate: rate, surroundings: .silent)
    let heard = [Int16](repeating: 5, count: 320)
    let frame = path.handle(.init(heard), at: .zero).frames.first?.samples ?? []
    let places = [heard, frame].map { $0.withUnsafeBufferPointer { $0.baseAddress } }
    #expect(frame == heard && places[0] == places[1], "the same memory")
  }

  /// The way through the echo path neither loses nor adds a sample, however it is cut.
  @Test(arguments: UInt64(1)...6) func noiseIsSuppressedAlikeHoweverTheInputIsCut(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var path = MicrophonePath(rate: rate, surroundings: .noisy)
    let noise = Signals.noise(count: rate, levelDB: -40, seed: seed)
    var out: [Int16] = []
    var next = 0
    while next < noise.count {
      let end = min(noise.count, next + random.below(700))
      out += path.handle(.init(Array(noise[next..<end])), at: .zero).frames.flatMap(\.samples)
      next = end
    }
    let whole = EchoCanceller(rate: rate, mode: .noiseSuppressionOnly).process(near: noise, far: [])
    #expect(out.count > rate - 640 && out == Array(whole.prefix(out.count)))
  }

  /// Two streams that come late by chance, and a speaker that stands still or comes back: the microphone is never held back
  /// for longer than 100 ms and a frame, and nothing of it is lost.
  @Test(arguments: UInt64(1)...8) func nobodyWaitsForASpeakerThatIsGone(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var path = MicrophonePath(rate: rate, surroundings: .speaker)
    let far = Signals.speech(rate: rate, count: 5 * rate, seed: seed)
    var (captured, played, out) = (0, 0, 0)
    var isGone = false
    var standstills = 0
    for step in 1...400 {
      let now = Timestamp(milliseconds: Double(step) * 10)
      if random.below(60) == 0 {
        isGone.toggle()
        if !isGone { standstills += 1 }
      }
      // Each thread has told of its samples up to some milliseconds ago.
      let until = (captured: step * 160 - random.below(64), played: step * 160 - random.below(64))
      let near = Array(far[captured..<max(captured, until.captured)])
      let spoken = isGone ? [] : Array(far[played..<max(played, until.played)])
      (captured, played) = (max(captured, until.captured), max(played, until.played))
      let outcome = path.handle(
        .init(near, played: spoken, speaker: SpeakerReport(standstills: standstills)), at: now)
      out += outcome.frames.count * 320
      #expect(outcome.frames.allSatisfy { $0.samples.count == 320 })
      // What goes out beyond what came in is what was heard before the gate opened; it is repaid.
      #expect(captured - out <= 1_600 + 160 + 320, "seed \(seed), step \(step): \(captured - out) samples held")
    }
  }

  @Test func theEchoIsToldWhenItChanges() {
    var path = MicrophonePath(rate: rate, surroundings: .speaker)
    let silence = [Int16](repeating: 0, count: 320)
    let news = (0..<5).flatMap { i in
      path.handle(.init(silence, played: silence), at: Timestamp(milliseconds: Double(i) * 20)).news
    }
    #expect(news.count == 1, "\(news)")
    #expect(news.first == path.echo.map { .echo($0) })
    #expect(path.echo?.phase == .learning && path.echo?.isHolding == false)
    var clean = MicrophonePath(rate: rate, surroundings: .silent)
    let outcome = clean.handle(.init(silence), at: .zero)
    #expect(outcome.news.isEmpty && clean.echo == nil)
  }
}
