import Audio
import AudioDevices
import DequeModule
import Timeline

/// The microphone path up to the session machine: frames of 20 ms, echo cancelled, with typed or recorded speech
/// spoken into it in the microphone's place.
///
///     input ─► EchoPath ─► frames of 20 ms ─┬─► the session machine
///     typed, recorded ──────────────────────┘ instead, while there is any
///
/// The echo path hears the microphone all the time, so that it stays in step with the speaker.
///
/// Owned by the session's thread. Whatever the input is, it ticks in real time, silence included: speech from a file
/// or from typing is taken frame by frame as the input ticks, so it flows at the pace of a voice.
struct MicPath {
  /// One frame for the session machine.
  struct MicFrame {
    var samples: [Int16]
    var isSynthetic: Bool
  }

  /// Speech that waits to be spoken.
  private struct Speech {
    var samples: [Int16]
    var next = 0
    var isSynthetic: Bool
  }

  /// Samples of one frame: 20 ms.
  let frameCount: Int
  private var reader: InputReader
  private var pending: [Int16] = []
  private var speeches: Deque<Speech> = []
  private var canceller: EchoPath?

  /// - Parameter echo: cleans what a real microphone hears; nil for inputs that are clean.
  init(reader: InputReader, rate: Int, echo: EchoPath?) {
    self.reader = reader
    frameCount = rate / 50
    canceller = echo
  }

  /// Whether a file or typed speech is still being spoken.
  var isSpeaking: Bool { !speeches.isEmpty }

  /// Speaks this as soon as what was said before is over.
  /// - Parameter afterRest: the input has rested, so that up to 100 ms that have passed are still to come, at once:
  ///   speech must not begin in them.
  mutating func speak(_ samples: [Int16], isSynthetic: Bool, afterRest: Bool = false) {
    // A breath between two utterances, so that they do not melt into one.
    let breath = [Int16](repeating: 0, count: frameCount * (speeches.isEmpty ? afterRest ? 5 : 0 : 20))
    speeches.append(Speech(samples: breath + samples, isSynthetic: isSynthetic))
  }

  /// What the echo path is doing; nil where there is none.
  var echo: EchoState? { canceller?.state }

  /// Something happened to the microphone or the speaker.
  mutating func deviceChanged(_ change: DeviceChange) { canceller?.deviceChanged(change) }

  /// The frames that have become whole since the last call. `spoken`: how many speeches ended in them.
  mutating func take(at now: Timestamp) -> (frames: [MicFrame], spoken: Int) {
    let heard = reader.read()
    pending += canceller?.process(heard, at: now) ?? heard
    var frames: [MicFrame] = []
    var spoken = 0
    var start = 0
    while pending.count - start >= frameCount {
      let samples = Array(pending[start..<start + frameCount])
      start += frameCount
      frames.append(nextSpoken(&spoken) ?? MicFrame(samples: samples, isSynthetic: false))
    }
    pending.removeFirst(start)
    return (frames, spoken)
  }

  private mutating func nextSpoken(_ spoken: inout Int) -> MicFrame? {
    guard var speech = speeches.popFirst() else { return nil }
    var samples = Array(speech.samples[speech.next..<min(speech.next + frameCount, speech.samples.count)])
    speech.next += samples.count
    samples.append(contentsOf: repeatElement(0, count: frameCount - samples.count))
    if speech.next < speech.samples.count { speeches.prepend(speech) } else { spoken += 1 }
    return MicFrame(samples: samples, isSynthetic: speech.isSynthetic)
  }
}
