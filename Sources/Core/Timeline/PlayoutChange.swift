/// A turn in the playout's life.
public struct PlayoutChange: Sendable, Equatable {
  /// What has happened to the playout. Times are milliseconds of audio.
  public enum Step: Sendable, Equatable {
    /// The first sample of a response was handed to the output.
    case started
    /// The buffer ran dry in the middle of a response, of which so much was played.
    case underrun(playedMs: Double)
    /// Playing again after an underrun.
    case recovered(playedMs: Double)
    /// Emptied by an interrupt; `discardedMs` were never heard. `remainingMs`: what the device could not give back and is
    /// still heard after `Entry.at`; a little below zero where the entry was recorded after the last of it.
    case flushed(playedMs: Double, discardedMs: Double, remainingMs: Double? = nil)
    /// Silenced until it is known what the user says over it. `takenBackMs` of it had been handed to the output and are not
    /// heard; they wait again, and `playedMs` is without them. `remainingMs`: as of `flushed`.
    case held(playedMs: Double, takenBackMs: Double = 0, remainingMs: Double? = nil)
    /// What was held is played on.
    case resumed(playedMs: Double)
    /// The response was played to its end.
    case finished(playedMs: Double)
    /// What arrives is of this format and rate, as detected from its bytes.
    case format(AudioFormatName, rate: Int? = nil)
    /// What is wrong with the bytes that arrive, in words. `format`: what cannot be played at all, as in `aac`, or `noise`
    /// for what looks so.
    case undecodable(String, format: AudioFormatName? = nil)
    /// Compressed audio of the message before it was decoded, and lasts so long.
    case decoded(ms: Double)
  }

  /// The steps by name.
  public enum Kind: String, Sendable, Codable {
    case started, underrun, recovered, flushed, held, resumed, finished, format, undecodable, decoded
  }

  /// Whose audio it is; nil where nobody knows.
  public var response: ResponseID?
  public var step: Step

  public init(_ response: ResponseID?, _ step: Step) {
    self.response = response
    self.step = step
  }

  public var kind: Kind {
    switch step {
    case .started: .started
    case .underrun: .underrun
    case .recovered: .recovered
    case .flushed: .flushed
    case .held: .held
    case .resumed: .resumed
    case .finished: .finished
    case .format: .format
    case .undecodable: .undecodable
    case .decoded: .decoded
    }
  }

  /// How much of the response was played, as far as the step tells.
  public var playedMs: Double? {
    switch step {
    case .underrun(let ms), .recovered(let ms), .finished(let ms), .flushed(let ms, _, _), .held(let ms, _, _),
      .resumed(let ms):
      ms
    case .started, .format, .undecodable, .decoded: nil
    }
  }

  /// What was never heard of a response that was flushed.
  public var discardedMs: Double? { if case .flushed(_, let ms, _) = step { ms } else { nil } }

  /// What is still heard of a response that was flushed or held.
  public var remainingMs: Double? {
    switch step {
    case .flushed(_, _, let ms), .held(_, _, let ms): ms
    default: nil
    }
  }

  /// The format of which the step tells.
  public var format: AudioFormatName? {
    switch step {
    case .format(let name, _): name
    case .undecodable(_, let name): name
    default: nil
    }
  }
}

/// The name of a format of audio: one that this program plays, or any other. The names that it knows are the raw values of
/// `AudioFormat` (target Audio), beside those of formats that it only recognises.
public struct AudioFormatName: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ name: String) { rawValue = name }
  /// A name that is no format of this version.
  public static func other(_ name: String) -> AudioFormatName { AudioFormatName(name) }
  public var description: String { rawValue }
}

/// One flat object: `kind`, `response`, and the fields of that kind.
extension PlayoutChange: Codable {
  private enum Key: String, CodingKey {
    case kind, response, playedMs, discardedMs, takenBackMs, remainingMs, format, rate, text, decodedMs
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    func ms(_ key: Key) throws -> Double { try fields.decodeIfPresent(Double.self, forKey: key) ?? 0 }
    func format() throws -> AudioFormatName? { try fields.decodeIfPresent(AudioFormatName.self, forKey: .format) }
    let step: Step =
      switch try fields.decode(Kind.self, forKey: .kind) {
      case .started: .started
      case .underrun: .underrun(playedMs: try ms(.playedMs))
      case .recovered: .recovered(playedMs: try ms(.playedMs))
      case .flushed:
        .flushed(
          playedMs: try ms(.playedMs), discardedMs: try ms(.discardedMs),
          remainingMs: try fields.decodeIfPresent(Double.self, forKey: .remainingMs))
      case .held:
        .held(
          playedMs: try ms(.playedMs), takenBackMs: try ms(.takenBackMs),
          remainingMs: try fields.decodeIfPresent(Double.self, forKey: .remainingMs))
      case .resumed: .resumed(playedMs: try ms(.playedMs))
      case .finished: .finished(playedMs: try ms(.playedMs))
      case .format: .format(try format() ?? "unknown", rate: try fields.decodeIfPresent(Int.self, forKey: .rate))
      case .undecodable:
        .undecodable(try fields.decodeIfPresent(String.self, forKey: .text) ?? "unknown format", format: try format())
      case .decoded: .decoded(ms: try ms(.decodedMs))
      }
    self.init(try fields.decodeIfPresent(ResponseID.self, forKey: .response), step)
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(kind, forKey: .kind)
    try fields.encodeIfPresent(response, forKey: .response)
    switch step {
    case .started: break
    case .underrun(let played), .recovered(let played), .finished(let played), .resumed(let played):
      try fields.encode(played, forKey: .playedMs)
    case .flushed(let played, let discarded, let remaining):
      try fields.encode(played, forKey: .playedMs)
      try fields.encode(discarded, forKey: .discardedMs)
      try fields.encodeIfPresent(remaining, forKey: .remainingMs)
    case .held(let played, let takenBack, let remaining):
      try fields.encode(played, forKey: .playedMs)
      try fields.encode(takenBack, forKey: .takenBackMs)
      try fields.encodeIfPresent(remaining, forKey: .remainingMs)
    case .format(let name, let rate):
      try fields.encode(name, forKey: .format)
      try fields.encodeIfPresent(rate, forKey: .rate)
    case .undecodable(let text, let format):
      try fields.encode(text, forKey: .text)
      try fields.encodeIfPresent(format, forKey: .format)
    case .decoded(let ms): try fields.encode(ms, forKey: .decodedMs)
    }
  }
}

extension AudioFormatName: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { rawValue = value }
}
