import Audio
import Timeline
import Wire

/// The samples are not of the rate at which they are played: by what the bytes say themselves, or by the pace at which a
/// steady stream comes.
struct SampleRateMismatch: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .playoutChange]
  /// The rates at which speech is made.
  static let rates = [8_000.0, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
  /// A stream that comes slowly starves the playout soon; one that comes fast may only be sent ahead.
  static let slowAfterMs = 3_000.0
  static let fastAfterMs = 8_000.0

  private var declared: (index: Int, rate: Int)?
  private var stream: Stream?

  /// One response's arrivals.
  private struct Stream {
    var firstIndex: Int
    var began: Timestamp
    var last: Timestamp
    var lastMs: Double
    var beforeLastMs = 0.0
    var gaps = 0
    var deviationMs = 0.0
    var hasTold = false
  }

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if case .playoutChange(let change) = read.event { return detected(change, at: read.index) }
    guard let payload = read.audio else {
      for event in read.meaning {
        switch event {
        case .responseComplete, .interrupted, .responseHeld, .ready: stream = nil
        default: break
        }
      }
      return nil
    }
    let rate = payload.rate ?? read.context.outputRate
    // Where nothing is declared, the bytes contradict nothing. What `ready` promises is the rate of samples without a
    // header: a container knows its own.
    if let promised = payload.rate {
      if declared?.rate != promised { declared = (read.index, promised) }
    } else {
      declared = nil
    }
    // The pace of audio without a header, at the rate at which it is played.
    guard read.arrival?.format?.sampleByteCount != nil, let duration = read.arrival?.ms else { return nil }
    return arrived(duration, read, rate: rate)
  }

  private func detected(_ change: PlayoutChange, at index: Int) -> Evidence? {
    // Opus is always decoded at 48 000 Hz, whatever it was made from.
    guard case .format(let format, let rate?) = change.step,
      format == AudioFormat.wav.name || format == AudioFormat.mp3.name, let declared, declared.rate != rate
    else { return nil }
    return Evidence([declared.index, index], "\(declared.rate) Hz was declared, the bytes say \(rate) Hz")
  }

  private mutating func arrived(_ duration: Double, _ read: ReadEntry, rate: Int) -> Evidence? {
    guard var stream else {
      self.stream = Stream(firstIndex: read.index, began: read.at, last: read.at, lastMs: duration)
      return nil
    }
    let gap = (read.at - stream.last).milliseconds
    stream.beforeLastMs += stream.lastMs
    stream.gaps += 1
    let passed = (read.at - stream.began).milliseconds
    stream.deviationMs += abs(gap - passed / Double(stream.gaps))
    (stream.last, stream.lastMs) = (read.at, duration)
    defer { self.stream = stream }
    guard !stream.hasTold, stream.gaps >= 20, passed >= Self.slowAfterMs else { return nil }
    // Only a stream that is paced by a clock tells of that clock.
    guard stream.deviationMs / Double(stream.gaps) < 0.3 * passed / Double(stream.gaps) else { return nil }
    let pace = stream.beforeLastMs / passed
    guard let actual = Self.actualRate(declared: Double(rate), pace: pace) else { return nil }
    if pace > 1, passed < Self.fastAfterMs { return nil }
    stream.hasTold = true
    let heard =
      pace < 1 ? "too fast and high (chipmunk)" : "slowly and low (slow motion), unless it is sent ahead of time"
    return Evidence(
      [stream.firstIndex, read.index],
      "declared \(rate) Hz, but it comes at \(whole(pace * 100)) % of real time, as \(Int(actual)) Hz would: "
        + "it is heard \(heard)")
  }

  /// The other usual rate at which the stream would come in real time, to 2 %; nil for none.
  static func actualRate(declared: Double, pace: Double) -> Double? {
    guard abs(pace - 1) > 0.05 else { return nil }
    return rates.first { $0 != declared && abs($0 / declared - pace) < 0.02 * pace }
  }
}

/// The least of each window of time, and how often in a row it has risen.
struct RisingFloor: Sendable {
  let window: Duration
  /// What counts as a rise.
  let step: Double
  /// The entry and the value where the rise began.
  private(set) var from: (index: Int, value: Double)?
  private(set) var rises = 0
  private var current: (began: Timestamp, index: Int, least: Double)?
  private var last: (index: Int, value: Double)?

  init(window: Duration, step: Double) {
    self.window = window
    self.step = step
  }

  /// A value; true when a window has ended with it.
  mutating func observe(_ value: Double, index: Int, at now: Timestamp) -> Bool {
    guard let window = current else {
      current = (now, index, value)
      return false
    }
    if now - window.began < self.window {
      if value < window.least { current = (window.began, index, value) }
      return false
    }
    if let last, window.least >= last.value + step {
      if rises == 0 { from = last }
      rises += 1
    } else {
      rises = 0
    }
    last = (window.index, window.least)
    current = (now, index, value)
    return true
  }

  /// The least of the last whole window.
  var floor: Double { last?.value ?? 0 }

  mutating func restart() { self = RisingFloor(window: window, step: step) }
}

/// The agent's audio comes steadily, and more slowly than it is heard: however much was buffered, it runs dry.
struct SlowPace: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .connection]
  /// How many windows in a row have to be behind the ones before them.
  static let rises = 4
  private var stream: Stream?

  /// One response's arrivals.
  private struct Stream {
    var began: Timestamp
    var arrivedMs = 0.0
    /// Of the last message, which is still to be heard when it comes.
    var lastMs: Double
    var behind = RisingFloor(window: .seconds(1), step: 25)
    var hasTold = false
  }

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if read.connection != nil {
      stream = nil
      return nil
    }
    guard let payload = read.audio else {
      for event in read.meaning {
        switch event {
        case .responseComplete, .interrupted, .responseHeld, .transcriptFinal, .ready: stream = nil
        default: break
        }
      }
      return nil
    }
    guard read.places.first?.id != nil else { return nil }
    let rate = payload.rate ?? read.context.outputRate
    guard let duration = read.arrival?.ms, duration > 0 else { return nil }
    guard var stream else {
      stream = Stream(began: read.at, lastMs: duration)
      return nil
    }
    defer { self.stream = stream }
    stream.arrivedMs += stream.lastMs
    stream.lastMs = duration
    let passed = (read.at - stream.began).milliseconds
    // What is behind real time, at best, within each second.
    guard stream.behind.observe(passed - stream.arrivedMs, index: read.index, at: read.at), !stream.hasTold,
      stream.behind.rises >= Self.rises, let from = stream.behind.from
    else { return nil }
    let pace = stream.arrivedMs / passed
    // Another rate explains it better.
    guard pace < 0.97, SampleRateMismatch.actualRate(declared: Double(rate), pace: pace) == nil else { return nil }
    stream.hasTold = true
    return Evidence(
      [from.index, read.index],
      "the audio comes at \(whole(pace * 100)) % of real time: \(ms(passed - stream.arrivedMs)) are missing after "
        + "\(ms(passed))")
  }
}

/// Audio is later and later: ours before it is sent, or the agent's before it arrives.
struct GrowingLag: Detector {
  static let interests: Interests = [.audioReceived, .audioSent, .wordsReceived, .connection]
  static let rises = 3
  private var uplink = RisingFloor(window: .seconds(5), step: 50)
  private var downlink = RisingFloor(window: .seconds(2), step: 50)

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if read.connection != nil {
      uplink.restart()
      downlink.restart()
      return nil
    }
    guard let message = read.message else { return nil }
    if message.way == .toServer {
      guard let waited = message.waitedMs, uplink.observe(waited, index: read.index, at: read.at) else { return nil }
      return evidence(&uplink, "microphone audio waits longer and longer before it is sent", read)
    }
    guard let payload = read.audio else {
      // The next response's timestamps may begin anywhere.
      for event in read.meaning {
        switch event {
        case .responseComplete, .interrupted, .responseHeld, .transcriptFinal: downlink.restart()
        default: break
        }
      }
      return nil
    }
    guard let sentAt = payload.sentAtMs,
      downlink.observe(read.at.milliseconds - sentAt, index: read.index, at: read.at)
    else { return nil }
    return evidence(&downlink, "the agent's audio arrives later and later after its timestamps", read)
  }

  private func evidence(_ floor: inout RisingFloor, _ what: String, _ read: ReadEntry) -> Evidence? {
    guard floor.rises >= Self.rises, let from = floor.from else { return nil }
    let grown = floor.floor - from.value
    floor.restart()
    return Evidence([from.index, read.index], "\(what): \(ms(grown)) more")
  }
}

/// A queue that never gets shorter.
struct QueueGrowth: Detector {
  static let interests: Interests = [.queue, .connection]
  static let rises = 4
  /// Queues are few; names from a file may not be.
  static let nameLimit = 16
  private var floors: [QueueName: RisingFloor] = [:]

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard case .queue(let queue) = read.event else {
      if read.connection?.state == .open { floors = [:] }
      return nil
    }
    var floor = floors[queue.name] ?? RisingFloor(window: .seconds(2), step: 1)
    if floors[queue.name] == nil, floors.count >= Self.nameLimit { return nil }
    defer { floors[queue.name] = floor }
    guard floor.observe(Double(queue.depth), index: read.index, at: read.at), floor.rises >= Self.rises,
      let from = floor.from
    else { return nil }
    let (least, most) = (Int(saturating: from.value), Int(saturating: floor.floor))
    floor.restart()
    return Evidence(
      [from.index, read.index], "\(queue.name) never got shorter: from \(least) to \(most) \(queue.unit)")
  }
}
