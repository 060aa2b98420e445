import Timeline

/// Numbers the audio tracks of a capture from 1.
public struct TrackID: RawRepresentable, Hashable, Sendable, Comparable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public init(_ value: Int) { rawValue = value }
  public static func < (a: TrackID, b: TrackID) -> Bool { a.rawValue < b.rawValue }
}

/// Whose sound a track holds.
public enum TrackName: OpenName {
  /// What the microphone gave, before the gate.
  case user
  /// What the speaker was handed.
  case agent
  case other(String)

  public static let known: [TrackName] = [.user, .agent]

  public var rawValue: String {
    switch self {
    case .user: "user"
    case .agent: "agent"
    case .other(let name): name
    }
  }
}

/// One stream of sound of a capture, placed on the timeline's clock to the sample.
///
/// A position counts samples of one channel from the track's start: the sample at position n was at `start + n / rate`.
/// Positions without samples are silence that was not recorded.
public struct AudioTrack: Sendable, Equatable {
  /// Whose sound it is.
  public var name: TrackName
  /// Samples a second of one channel.
  public var rate: Int
  /// Channels whose samples alternate, from 1 to `mostChannels`.
  public var channels: Int
  /// When the sample at position 0 was.
  public var start: Timestamp

  /// As many as the codec takes.
  public static let mostChannels = 8
  /// The rates that a track may have: what the codec takes, and what devices have.
  public static let rates = 1...384_000

  /// - Parameters:
  ///   - rate: held to `rates`.
  ///   - channels: held to 1 to `mostChannels`.
  public init(_ name: TrackName, rate: Int, channels: Int = 1, start: Timestamp) {
    self.name = name
    self.rate = min(max(rate, Self.rates.lowerBound), Self.rates.upperBound)
    self.channels = min(max(channels, 1), Self.mostChannels)
    self.start = start
  }

  /// When the sample at a position was, or will be.
  public func time(of position: Int64) -> Timestamp {
    start + .samples(Int(clamping: position), rate: rate)
  }

  /// The position of the sample that sounds at a moment; negative for moments before the start.
  public func position(at time: Timestamp) -> Int64 {
    let (seconds, rest) = (time - start).nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let (whole, overflows) = seconds.multipliedReportingOverflow(by: Int64(rate))
    guard !overflows else { return seconds < 0 ? .min : .max }
    return whole.adding((rest * Int64(rate)).dividedDown(by: 1_000_000_000))
  }
}

/// Consecutive samples of a track.
public struct AudioBlock: Sendable, Equatable {
  public var track: TrackID
  /// The position of the first sample.
  public var position: Int64
  /// Of all channels, alternating.
  public var samples: [Int16]

  public init(track: TrackID, position: Int64, samples: [Int16]) {
    self.track = track
    self.position = position
    self.samples = samples
  }
}

/// Joins the pieces of a track, as devices give them, to blocks that are worth a row of a file and a frame of a codec.
///
///     pieces of 20 ms ─► block of at most `longest` ─► …
///
/// A block ends where it is full, where a gap follows it, and where `flush` asks for it. What lies before the end of what
/// came earlier is left out and counted: no position has two samples.
public struct AudioBlockBuilder: Sendable {
  private let id: TrackID
  private let channels: Int
  /// Samples of one channel.
  private let longest: Int
  private var position: Int64 = 0
  private var samples: [Int16] = []
  /// Samples of all channels that were left out: they came for positions that had some, or their number was no multiple
  /// of the number of channels, or their position was below 0 or beyond what can be counted.
  public private(set) var refused = 0

  /// - Parameter longest: of a block; at least one sample.
  public init(_ id: TrackID, _ track: AudioTrack, longest: Duration = .seconds(1)) {
    self.id = id
    channels = track.channels
    let (seconds, overflows) = longest.nanoseconds.multipliedReportingOverflow(by: Int64(track.rate))
    self.longest = overflows ? track.rate : Int(max(1, seconds / 1_000_000_000))
  }

  /// The position behind the last sample.
  public var end: Int64 { position + Int64(samples.count / channels) }

  /// Takes a piece.
  /// - Returns: the blocks that are finished by it, in order.
  public mutating func add(_ piece: [Int16], at first: Int64) -> [AudioBlock] {
    var piece = piece[...]
    let odd = piece.count % channels
    refused = refused.adding(odd)
    piece.removeLast(odd)
    guard !piece.isEmpty else { return [] }
    let (last, overflows) = first.addingReportingOverflow(Int64(piece.count / channels))
    guard first >= 0, !overflows else {
      refused = refused.adding(piece.count)
      return []
    }
    let start = max(first, end)
    let overlap = Int(min(start, last) - first) * channels
    refused = refused.adding(overlap)
    piece.removeFirst(overlap)
    guard !piece.isEmpty else { return [] }
    var finished: [AudioBlock] = []
    if start > end {
      if let block = flush() { finished.append(block) }
      position = start
    }
    while !piece.isEmpty {
      let taken = min(piece.count, longest * channels - samples.count)
      samples += piece.prefix(taken)
      piece.removeFirst(taken)
      if samples.count == longest * channels, let block = flush() { finished.append(block) }
    }
    return finished
  }

  /// What waits for more, as a block; nil when nothing does.
  public mutating func flush() -> AudioBlock? {
    guard !samples.isEmpty else { return nil }
    let block = AudioBlock(track: id, position: position, samples: samples)
    position = end
    samples = []
    return block
  }
}
