import Audio
import AudioDevices
import DequeModule
import Timeline

/// The microphone path up to the session machine: frames of 20 ms, echo cancelled, with typed or recorded speech
/// spoken into it, in the microphone's place or mixed with it.
///
///     input ─► EchoPath ─► frames of 20 ms ─┬─► the session machine
///     typed, recorded ──────────────────────┘ instead or added, while there is any
///
/// The echo path hears the microphone all the time, so that it stays in step with the speaker.
///
/// Owned by the session's thread. Whatever the input is, it ticks in real time, silence included: speech from a file
/// or from typing is taken frame by frame as the input ticks, so it flows at the pace of a voice.
struct MicPath {
  /// One frame for the session machine.
  struct CapturedFrame {
    var samples: [Int16]
    var isSynthetic: Bool
    /// When its last sample was captured; nil while that is not known.
    var capturedAt: Timestamp?
  }

  /// Speech that waits to be spoken.
  private struct QueuedSpeech {
    var speech: InjectedSpeech
    /// Silence before it.
    var breath: Int
    /// The next sample, the breath's counted in.
    var next = 0

    var isOver: Bool { next >= breath + speech.samples.count }
    var hasBegun: Bool { next > breath }

    func sample(_ index: Int) -> Int16 {
      let own = index - breath
      return speech.samples.indices.contains(own) ? speech.samples[own] : 0
    }
    func change(_ state: Injection.State, rate: Int) -> Injection {
      func ms(_ count: Int) -> Double { Duration.samples(count, rate: rate).milliseconds }
      return Injection(
        source: speech.source, state: state, name: String(speech.name.prefix(MicPath.nameLimit)),
        durationMs: ms(speech.samples.count), spokenMs: ms(min(max(0, next - breath), speech.samples.count)),
        isMixed: speech.isMixed)
    }
  }

  /// Characters of a name that are told: the start of what may be a long text.
  static let nameLimit = 80

  /// Samples of one frame: 20 ms.
  let frameCount: Int
  private var reader: InputReader
  private var pending: [Int16] = []
  private var speeches: Deque<QueuedSpeech> = []
  private let rate: Int
  private var canceller: EchoPath?
  private let clock: TimelineClock

  /// - Parameter echo: cleans what a real microphone hears; nil for inputs that are clean.
  init(reader: InputReader, rate: Int, echo: EchoPath?, clock: TimelineClock) {
    self.reader = reader
    self.clock = clock
    self.rate = rate
    frameCount = rate / 50
    canceller = echo
  }

  /// Whether a file or typed speech is still being spoken.
  var isSpeaking: Bool { !speeches.isEmpty }

  /// Speaks this as soon as what was said before is over.
  /// - Parameter afterRest: when it was asked for, if the input has rested: what has passed since it was heard last is
  ///   still to come, at once, and speech must not begin in that.
  mutating func speak(_ speech: InjectedSpeech, afterRest now: Timestamp? = nil) {
    // A breath between two utterances, so that they do not melt into one.
    let frames = speeches.isEmpty ? now.map(framesToCome) ?? 0 : 20
    speeches.append(QueuedSpeech(speech: speech, breath: frameCount * frames))
  }

  private func framesToCome(_ now: Timestamp) -> Int {
    guard let last = reader.lastCaptured.map(clock.timestamp), now > last else { return 0 }
    return Int(((now - last) / .samples(frameCount, rate: rate)).rounded(.up))
  }

  /// Drops what is being spoken and what waits.
  /// - Returns: what was dropped.
  mutating func stopSpeaking() -> [Injection] {
    defer { speeches = [] }
    return speeches.map { $0.change(.cancelled, rate: rate) }
  }

  /// What the echo path is doing; nil where there is none.
  var echo: EchoState? { canceller?.state }

  /// Something happened to the microphone or the speaker.
  mutating func deviceChanged(_ change: DeviceChange) { canceller?.deviceChanged(change) }

  /// The frames that have become whole since the last call, and which speeches began or ended in them.
  mutating func take(at now: Timestamp) -> (frames: [CapturedFrame], changes: [Injection]) {
    let heard = reader.read()
    let last = reader.lastCaptured.map(clock.timestamp)
    pending += canceller?.process(heard, at: now) ?? heard
    var frames: [CapturedFrame] = []
    var changes: [Injection] = []
    var start = 0
    while pending.count - start >= frameCount {
      let samples = Array(pending[start..<start + frameCount])
      start += frameCount
      // What is spoken in the microphone's place has not been through the canceller.
      let end = last.map { $0 - .samples(pending.count - start, rate: rate) }
      var frame = spoken(over: samples, &changes)
      frame?.capturedAt = end
      let held = canceller?.held ?? .zero
      frames.append(
        frame ?? CapturedFrame(samples: samples, isSynthetic: false, capturedAt: end.map { $0 - held }))
    }
    pending.removeFirst(start)
    return (frames, changes)
  }

  /// The next frame of what is being spoken, the microphone's own in its mix; nil when nothing is.
  private mutating func spoken(over heard: [Int16], _ changes: inout [Injection]) -> CapturedFrame? {
    guard var waiting = speeches.popFirst() else { return nil }
    if !waiting.hasBegun, waiting.next + frameCount > waiting.breath {
      changes.append(waiting.change(.started, rate: rate))
    }
    var samples = (waiting.next..<waiting.next + frameCount).map(waiting.sample)
    if waiting.speech.isMixed {
      for i in samples.indices { samples[i] = Int16(clamping: Int(samples[i]) + Int(heard[i])) }
    }
    waiting.next += frameCount
    if waiting.isOver { changes.append(waiting.change(.ended, rate: rate)) } else { speeches.prepend(waiting) }
    return CapturedFrame(samples: samples, isSynthetic: waiting.speech.isSynthetic)
  }
}
