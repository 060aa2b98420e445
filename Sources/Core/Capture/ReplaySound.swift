import Audio
import Timeline

/// Which of the tracks are heard.
public enum SoundChoice: String, Sendable, CaseIterable {
  case both, user, agent, off

  func includes(_ name: TrackName) -> Bool {
    switch (self, name) {
    case (.off, _): false
    case (.both, _), (.user, .user), (.agent, .agent): true
    case (.user, _), (.agent, _): false
    }
  }
}

/// Plays the tracks of a capture at the pace of the timeline, as a machine.
///
///     tracks at their own rates ─► read, a second at a time ─► resampled ─► mixed ─► write, up to `lead` ahead
///
/// The sample of a track at position n is written where the moment `start + n / rate` lies, to half a sample of the output; what
/// lies between blocks is silence. Outputs take one channel, so the tracks are added up: what is loud in both at once is
/// held to full scale.
///
/// It follows whoever plays the recording: told once where playing begins, it goes on by its own count of samples; when the
/// output has fallen behind or run ahead, it begins anew where the recording is.
/// Orders are done in order. One thread: what resamples is not copied with the value.
public struct ReplaySound {
  /// What has happened.
  public enum Input: Sendable {
    /// The tracks that there are; given before playing begins.
    case tracks([CapturedTrack])
    /// The recording plays at its own pace, from a moment of it on.
    case play(from: Timestamp)
    /// The recording stands, or plays at another pace.
    case pause
    /// The recording goes on elsewhere. While it stands nothing is heard.
    case seek(to: Timestamp)
    /// Other tracks are to be heard.
    case choose(SoundChoice)
    /// What a track holds of a stretch; the answer to `Order.read`, also when nothing could be read.
    case read(TrackID, Range<Int64>, [AudioBlock])
    /// How much waits in the output to be taken.
    case stood(queued: Duration)
  }

  /// What is to be done now.
  public enum Order: Sendable, Equatable {
    /// Read a stretch of a track, and answer.
    case read(TrackID, Range<Int64>)
    /// Give samples to the output, one channel at `rate`.
    case write([Int16])
    /// Throw away what the output has not played yet.
    case flush
  }

  /// What is written ahead: covers the reading of a second of sound, and the sleep between two looks.
  public static let lead = Duration.milliseconds(120)
  /// How often the output is looked at while it plays, and the block that is written.
  private static let block = Duration.milliseconds(20)
  /// How far the sound may be away from where it was half a second after it began, before it begins anew.
  private static let tolerance = Duration.milliseconds(100)
  private static let settling = Duration.milliseconds(500)
  /// Tracks that sound at the same time: two, and those of a device that was opened again. More are left out.
  private static let mostVoices = 16

  /// Samples a second of what is written.
  public let rate: Int
  private var tracks: [CapturedTrack] = []
  private var choice = SoundChoice.both
  private var playing: Playing?
  private var lastLook: Timestamp?

  fileprivate struct Playing {
    /// The moment of the recording that its first sample is of, and when that began.
    var from: Timestamp
    var since: Timestamp
    /// Samples written.
    var written = 0
    /// How far what is taken is behind the recording, once it has settled.
    var usualLag: Duration?
    /// Tracks that have not begun yet, the next one last.
    var waiting: [CapturedTrack]
    var voices: [Voice] = []
    /// A track is being read.
    var isReading = false
  }

  /// - Parameter rate: samples a second of the output; held to what resamplers take.
  public init(rate: Int) {
    self.rate = min(max(rate, Resampler.supportedRates.lowerBound), Resampler.supportedRates.upperBound)
  }

  /// The rate that loses nothing of the tracks: the highest of theirs, from 8000 to 48 000.
  public static func rate(for tracks: [CapturedTrack]) -> Int {
    min(max(tracks.map(\.track.rate).max() ?? 16_000, 8_000), 48_000)
  }

  /// When it wants to be told how the output stands; nil while nothing plays.
  public var deadline: Timestamp? { playing == nil ? nil : lastLook.map { $0 + Self.block } }

  public mutating func handle(_ input: Input, at now: Timestamp) -> [Order] {
    switch input {
    case .tracks(let tracks):
      self.tracks = tracks
      return []
    case .play(let from): return begin(from: from, at: now)
    case .seek(let to): return isPlaying ? begin(from: to, at: now) : []
    case .pause:
      position = nil
      return end()
    case .choose(let choice):
      self.choice = choice
      return position.map { begin(from: $0.from + (now - $0.since), at: now) } ?? []
    case .read(let id, let range, let blocks):
      playing?.take(blocks, of: id, range)
      return feed(at: now)
    case .stood(let queued):
      lastLook = now
      self.queued = queued
      return keepUp(at: now) ?? feed(at: now)
    }
  }

  /// Where the recording plays, heard or not.
  private var position: (from: Timestamp, since: Timestamp)?
  private var isPlaying: Bool { position != nil }
  /// What waits in the output, with what was written since it was looked at.
  private var queued = Duration.zero

  private mutating func end() -> [Order] {
    guard playing != nil else { return [] }
    playing = nil
    queued = .zero
    return [.flush]
  }

  private mutating func begin(from: Timestamp, at now: Timestamp) -> [Order] {
    position = (from, now)
    var orders = end()
    let heard = tracks.filter { track in
      guard let extent = track.extent, choice.includes(track.track.name) else { return false }
      return track.track.time(of: extent.upperBound) > from
    }
    guard choice != .off, !heard.isEmpty else { return orders }
    playing = Playing(from: from, since: now, waiting: heard.sorted { $0.begin > $1.begin })
    lastLook = now
    orders += feed(at: now)
    return orders
  }

  /// Begins anew where the output is no longer where the recording is; nil where it is.
  private mutating func keepUp(at now: Timestamp) -> [Order]? {
    guard let playing else { return nil }
    let lag = (now - playing.since) - (.samples(playing.written, rate: rate) - queued)
    guard let usual = playing.usualLag else {
      if now - playing.since >= Self.settling { self.playing?.usualLag = lag }
      return nil
    }
    guard lag - usual > Self.tolerance || usual - lag > Self.tolerance else { return nil }
    return begin(from: playing.from + (now - playing.since), at: now)
  }

  /// Writes as far ahead as is wanted, or asks for what it needs for that.
  private mutating func feed(at now: Timestamp) -> [Order] {
    guard var playing, !playing.isReading else { return [] }
    // Not held twice while it is changed.
    self.playing = nil
    defer { self.playing = playing }
    var orders: [Order] = []
    let count = max(1, PacedClock.samples(in: Self.block.nanoseconds, rate: rate))
    while queued < Self.lead {
      playing.beginVoices(before: Self.block, rate: rate, atMost: Self.mostVoices)
      if let (id, range) = playing.missing(for: count) {
        playing.isReading = true
        orders.append(.read(id, range))
        return orders
      }
      orders.append(.write(playing.mixed(count)))
      queued += .samples(count, rate: rate)
    }
    return orders
  }
}

extension CapturedTrack {
  fileprivate var begin: Timestamp { extent.map { track.time(of: $0.lowerBound) } ?? track.start }
}

extension ReplaySound.Playing {
  /// Begins the tracks that have sound in the next block.
  fileprivate mutating func beginVoices(before length: Duration, rate: Int, atMost limit: Int) {
    let now = from + .samples(written, rate: rate)
    while let next = waiting.last, next.begin < now + length {
      waiting.removeLast()
      if voices.count < limit { voices.append(Voice(next, from: now, rate: rate)) }
    }
  }

  /// What has to be read before so many samples can be mixed.
  fileprivate mutating func missing(for count: Int) -> (TrackID, Range<Int64>)? {
    for i in voices.indices {
      if let range = voices[i].prepare(count) { return (voices[i].captured.id, range) }
    }
    return nil
  }

  fileprivate mutating func take(_ blocks: [AudioBlock], of id: TrackID, _ range: Range<Int64>) {
    isReading = false
    for i in voices.indices where voices[i].captured.id == id { voices[i].take(blocks, range) }
  }

  /// The sum of all tracks.
  fileprivate mutating func mixed(_ count: Int) -> [Int16] {
    var sum = [Int32](repeating: 0, count: count)
    for i in voices.indices {
      for (place, sample) in voices[i].next(count).enumerated() { sum[place] += Int32(sample) }
    }
    voices.removeAll { $0.isOver }
    written += count
    return sum.map { Int16(clamping: $0) }
  }
}

/// A track while it sounds.
private struct Voice {
  let captured: CapturedTrack
  private let resampler: Resampler
  /// The position of the track that is resampled next.
  private var position: Int64
  /// What was read, from `position` on or before it, up to `readEnd`.
  private var blocks: ArraySlice<AudioBlock> = []
  private var readEnd: Int64
  /// Resampled, and not yet mixed.
  private var ready: [Int16] = []
  private let end: Int64

  /// - Parameters:
  ///   - time: the moment of the first sample that it gives.
  ///   - rate: samples a second of what it gives.
  init(_ captured: CapturedTrack, from time: Timestamp, rate: Int) {
    self.captured = captured
    let track = captured.track
    resampler = Resampler(from: track.rate, to: rate)
    // The nearest sample.
    position = track.position(at: time + .nanoseconds(500_000_000 / Int64(track.rate)))
    readEnd = position
    end = captured.extent?.upperBound ?? 0
  }

  /// Samples of one channel that are resampled at once: 20 ms.
  private var piece: Int64 { Int64(max(1, captured.track.rate / 50)) }

  /// All of it was given.
  var isOver: Bool { position >= end.adding(Int64(captured.track.rate)) && ready.allSatisfy { $0 == 0 } }

  /// Makes so many samples ready.
  /// - Returns: what has to be read for it; nil when they are.
  mutating func prepare(_ count: Int) -> Range<Int64>? {
    while ready.count < count {
      let next = position.adding(piece)
      // Behind its end there is nothing to read.
      if next > readEnd, position < end, next > 0 {
        return max(0, position)..<max(0, position).adding(Int64(captured.track.rate))
      }
      guard next > position else {
        // Nothing lies beyond what can be counted.
        ready += [Int16](repeating: 0, count: count - ready.count)
        return nil
      }
      ready += resampler.process(samples(position..<next))
      position = next
      while let first = blocks.first, end(of: first) <= position { blocks.removeFirst() }
    }
    return nil
  }

  mutating func take(_ blocks: [AudioBlock], _ range: Range<Int64>) {
    guard range.upperBound > readEnd else { return }
    self.blocks += blocks
    readEnd = range.upperBound
  }

  private func end(of block: AudioBlock) -> Int64 {
    block.position.adding(Int64(block.samples.count / captured.track.channels))
  }

  /// One channel of a stretch: the mean of all, and silence where there is nothing.
  private func samples(_ range: Range<Int64>) -> [Int16] {
    var result = [Int16](repeating: 0, count: Int(range.upperBound - range.lowerBound))
    let channels = captured.track.channels
    for block in blocks {
      let part = (block.position..<max(block.position, end(of: block))).clamped(to: range)
      for position in part {
        let first = Int(position - block.position) * channels
        let sum = block.samples[first..<first + channels].reduce(0) { $0 + Int($1) }
        result[Int(position - range.lowerBound)] = Int16(clamping: sum / channels)
      }
    }
    return result
  }

  mutating func next(_ count: Int) -> [Int16] {
    defer { ready.removeFirst(min(count, ready.count)) }
    return Array(ready.prefix(count))
  }
}
