import Audio
import Threads

// AudioDevices: what every device and every stand-in for one is to a session, and the stand-ins. They copy samples and keep
// time; they hold no rules.
//
//                      audio thread                                          consumer / producer: one other thread
//   a device     ──►  AlsaDevices  ─┐
//   a WAV, typed ──►  PacedInput    ├─► SampleRing (ringRate) ──► InputReader ──► samples at `rate`
//   stdin        ──►  StdinInput   ─┘
//   a device     ◄──  AlsaDevices  ─┐
//   nothing      ◄──  NullOutput    ├◄─ SampleRing (ringRate) ◄── OutputWriter ◄── samples at `rate`
//   a WAV        ◄──  FileOutput   ─┘
//
// An audio thread works on memory that was allocated before it began: trivial structs, raw buffers, atomics, rings.
// It waits in `poll` or `clock_nanosleep` only. What may block or allocate (opening, texts, files) is on another thread.

/// Where the session's audio comes from: a device, or what stands in for one. Frames arrive in real time for ever:
/// they are the session's tick, so silence flows where there is nothing else.
public protocol AudioInput: AnyObject, Sendable {
  /// Samples a second as requested: what `InputReader` delivers.
  var rate: Int { get }
  /// Samples a second in the ring; differs from `rate` where the device has no such rate. May change on re-opening.
  var ringRate: Int { get }
  /// Consumer: one thread of the session's choice.
  var ring: SampleRing { get }
  /// Any thread.
  var status: InputStatus { get }
  /// Starts the thread. The first samples come when the device is open, or from its stand-in.
  func start()
  /// Stops and joins the thread. Not to be started again.
  func stop()
  /// Any thread. While it rests, silence that stands in for a device comes in portions of 500 ms, which costs 1/25 of
  /// the wake-ups; the end of the rest is heeded at once. A device keeps its periods.
  func setResting(_ rests: Bool)
}

extension AudioInput {
  public func setResting(_ rests: Bool) {}
}

/// Where the session's audio goes to. Takes samples in real time for ever, silence where there are none.
public protocol AudioOutput: AnyObject, Sendable {
  /// Samples a second as requested: what `OutputWriter` takes.
  var rate: Int { get }
  /// Samples a second in the ring; differs from `rate` where the device has no such rate. May change on re-opening.
  var ringRate: Int { get }
  /// Producer: one thread of the session's choice, which keeps it shallow.
  var ring: SampleRing { get }
  /// What was played, silence included, at `ringRate` and in real time: the reference for echo cancelling. What was
  /// dropped unplayed is not in it. Nil where there can be no echo.
  var reference: SampleRing? { get }
  /// Any thread.
  var status: OutputStatus { get }
  /// Starts the thread.
  func start()
  /// Waits until all is played, for `drain` at most; then stops and joins the thread. Not to be started again.
  func stop(drain: Duration)
  /// Any thread: what was written to the ring before this call is thrown away, and so is what the device holds. What
  /// is written after it is kept.
  func flush()
  /// The producer, after writing: an output that rests because there was nothing to take looks at once.
  func rouse()
}

extension AudioOutput {
  public func rouse() {}
}

/// When an output wakes its producer. Who keeps 40 ms ahead, and is awake for something else every 20 ms, is seldom
/// woken for the output's sake.
package enum LowWater {
  /// Where somebody listens: what is left to a machine that has more to do.
  package static let heard = Duration.milliseconds(30)
  /// Where samples are taken 20 ms at a time: a producer that is in time is never woken.
  package static let unheard = StandIn.frame

  /// Whether less than that waits.
  package static func isReached(_ mark: Duration, in ring: SampleRing, rate: Int) -> Bool {
    ring.count < PacedClock.samples(in: mark.nanoseconds, rate: rate)
  }
}

/// What an input has done since its start. Counts only grow; samples are counted at `rate`.
public struct InputStatus: Sendable, Equatable {
  /// Samples from the device, file or pipe.
  public var samplesCaptured = 0
  /// Samples of silence put in: by the stand-in, after the end of the file, for what an overrun swallowed.
  public var silenceInserted = 0
  /// Overruns of the device's buffer.
  public var xruns = 0
  /// The device's clock against ours, in parts per million; nil until it is known to about 10 ppm.
  public var driftPPM: Double?
  /// When samples were last put into the ring: nanoseconds on CLOCK_MONOTONIC, 0 before the first.
  public var lastArrival: Int64 = 0
  /// True while there is no device and paced silence stands in for it.
  public var isStandIn = false
  /// When the ring's first sample ever would have been captured, by when those that were written last were: sample `n`
  /// was captured `n / ringRate` seconds later. Nanoseconds on CLOCK_MONOTONIC; 0 while it is not known.
  public var ringOrigin: Int64 = 0
  public init() {}
}

/// What an output has done since its start. Counts only grow; samples are counted at `rate`.
public struct OutputStatus: Sendable, Equatable {
  /// Samples taken from the ring and handed to the device, without padding.
  public var samplesHandedOver = 0
  /// Of those, samples that a flush took back from the device before they were played.
  public var samplesWithdrawn = 0
  /// Samples of silence handed over where the ring had none.
  public var silencePadded = 0
  /// From handing over to hearing, in samples, as the device said last.
  public var deviceDelay = 0
  /// How long ago that was.
  public var sinceHandover = Duration.zero
  /// Of that, what lies behind the device's buffer, in samples: converters, a wireless link. 0 while it is not known.
  public var latencyBehindBuffer = 0
  /// What a flush leaves in the device's buffer besides, in samples: all of it where a sound server's stream is kept
  /// through a flush, else 0.
  public var bufferAfterFlush = 0
  /// The most that a sound server has asked for at once in the last 2 to 4 s, in samples: its sink may want more than lies
  /// in the device's buffer. 0 of a card.
  public var largestTake = 0
  /// How often the ring went from full periods to less than one: dry in mid-response, or the response's end.
  public var ringUnderruns = 0
  /// Underruns of the device's buffer.
  public var xruns = 0
  /// How often a sound server's stream lost more than 100 ms of time and went on: it may be heard from another device
  /// since then.
  public var standstills = 0
  /// When samples were last handed over, padding included: nanoseconds on CLOCK_MONOTONIC, 0 before the first.
  public var lastHandover: Int64 = 0
  /// When the last real sample handed over so far will have been heard: nanoseconds on CLOCK_MONOTONIC.
  public var playedOutAt: Int64 = 0
  /// The device's clock against ours, in parts per million; nil until it is known to about 10 ppm.
  public var driftPPM: Double?
  /// True while there is no device: samples are taken in real time and nobody hears them.
  public var isStandIn = false
  /// When the ring's first sample ever would have been heard, by when the next one will be: sample `n` is heard
  /// `n / ringRate` seconds later, unless the ring runs dry before it. Nanoseconds on CLOCK_MONOTONIC; 0 while it is not
  /// known.
  public var ringOrigin: Int64 = 0
  /// From this sample of the ring on `ringOrigin` is true: silence was put in before it.
  public var stretchStart = 0
  /// What `ringOrigin` was for the samples from `earlierStart` up to `stretchStart`; 0 while it is not known.
  public var earlierOrigin: Int64 = 0
  public var earlierStart = 0
  /// The stand-in rests, until it is roused.
  public var isResting = false
  public init() {}
}
