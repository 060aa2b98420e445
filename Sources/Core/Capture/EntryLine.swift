import FoundationEssentials
import Timeline
import Wire

/// One timeline entry as one line of JSON, without the newline.
///
/// Every line has `i` (the entry's index), `at` (milliseconds since the timeline's start, nanosecond precision) and
/// `event` (the kind), beside the fields of that kind; and `time` where the time of day is known, for other programs.
/// Whatever a peer has sent, a line is safe to be printed on a terminal, and reads back to the same bytes.
public enum EntryLine {
  /// Moments further from the start than this are refused: 1e12 milliseconds are 31 years.
  private static let longest = 1e12
  /// Whole numbers that every reader of JSON keeps exact.
  private static let exactIndexes = -(1 << 53)...(1 << 53)

  /// Writes one line.
  /// - Parameter wallClockMilliseconds: the time of day at timestamp zero, since 1970-01-01 UTC, where it is known.
  public static func encode(_ entry: Entry, wallClockMilliseconds: Int64? = nil) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    // Entries hold finite numbers and strings only; the strategy keeps a stray NaN from losing the line.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let time = wallClockMilliseconds.map {
      WallClock.text($0.adding(entry.at.nanoseconds.dividedDown(by: 1_000_000)))
    }
    guard let data = try? encoder.encode(Line(entry: entry, time: time)) else { return Array("{}".utf8) }
    return UnseenCharacters.escaped(Array(data))
  }

  /// Reads one line.
  /// - Throws: `EntryLineError` with what is wrong with it.
  public static func decode(_ line: some Sequence<UInt8>) throws(EntryLineError) -> Entry {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = line.withContiguousStorageIfAvailable { Data($0) } ?? Data(line)
    // The decoder ends the program at 512 levels.
    guard !JSONValue.isTooDeep(data) else {
      throw EntryLineError(reason: "nested deeper than \(JSONValue.deepestNesting) levels")
    }
    do {
      let entry = try decoder.decode(Line.self, from: data).entry
      guard exactIndexes.contains(entry.index) else { throw EntryLineError(reason: "\"i\" is out of range") }
      guard abs(entry.at.milliseconds) <= longest else { throw EntryLineError(reason: "\"at\" is out of range") }
      return entry
    } catch let error as EntryLineError {
      throw error
    } catch DecodingError.keyNotFound(let key, _) {
      throw EntryLineError(reason: "no \"\(key.stringValue)\"")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      guard !context.codingPath.isEmpty else { throw EntryLineError(reason: "not a JSON object") }
      throw EntryLineError(reason: "\"\(path(context))\" has the wrong type")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      // A state or a kind that a later version has, or a number that no number type holds.
      throw EntryLineError(reason: "\"\(path(context))\" has a value that is not known here", isUnknown: true)
    } catch {
      throw EntryLineError(reason: "not valid JSON")
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
  }
}

/// A line that is no timeline entry.
public struct EntryLineError: Error, Equatable, CustomStringConvertible {
  public var reason: String
  /// It is well-formed, and says something that this version does not know: a later one has written it.
  public var isUnknown: Bool
  public init(reason: String, isUnknown: Bool = false) {
    self.reason = reason
    self.isUnknown = isUnknown
  }
  public var description: String { reason }
  /// Two errors are the same when they say the same.
  public static func == (a: EntryLineError, b: EntryLineError) -> Bool { a.reason == b.reason }
}

/// The line: the entry's own fields beside those of its event, in one flat object.
private struct Line: Codable {
  var entry: Entry
  var time: String?

  enum Key: String, CodingKey {
    case i, at, event, time
  }

  init(entry: Entry, time: String?) {
    self.entry = entry
    self.time = time
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(entry.index, forKey: .i)
    try container.encode(entry.at.milliseconds, forKey: .at)
    try container.encodeIfPresent(time, forKey: .time)
    let (kind, fields) = EventKind.fields(of: entry.event)
    try container.encode(kind, forKey: .event)
    try fields.encode(to: encoder)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .event)
    guard let kind = EventKind(rawValue: name) else {
      throw EntryLineError(reason: "unknown event \"\(name.prefix(64))\"", isUnknown: true)
    }
    entry = Entry(
      index: try container.decode(Int.self, forKey: .i),
      at: Timestamp(milliseconds: try container.decode(Double.self, forKey: .at)),
      event: try kind.decode(decoder))
  }
}

/// The kinds by name; the two directions of one table.
private enum EventKind: String, Codable {
  case sessionStarted, connection, message, roundTrip, micFrame, voiceEdge, gate, echo, playout, playoutChange, queue
  case operatorAct, injection, fault, device, notice, sessionEnded

  static func fields(of event: Entry.Event) -> (EventKind, any Encodable) {
    switch event {
    case .sessionStarted(let fields): (.sessionStarted, fields)
    case .connection(let fields): (.connection, fields)
    case .message(let fields): (.message, fields)
    case .roundTrip(let fields): (.roundTrip, fields)
    case .micFrame(let fields): (.micFrame, fields)
    case .voiceEdge(let fields): (.voiceEdge, fields)
    case .gate(let fields): (.gate, fields)
    case .echo(let fields): (.echo, fields)
    case .playout(let fields): (.playout, fields)
    case .playoutChange(let fields): (.playoutChange, fields)
    case .queue(let fields): (.queue, fields)
    case .operatorAct(let fields): (.operatorAct, fields)
    case .injection(let fields): (.injection, fields)
    case .fault(let fields): (.fault, fields)
    case .device(let fields): (.device, fields)
    case .notice(let fields): (.notice, fields)
    case .sessionEnded(let fields): (.sessionEnded, fields)
    }
  }

  func decode(_ decoder: any Decoder) throws -> Entry.Event {
    switch self {
    case .sessionStarted: .sessionStarted(try SessionStarted(from: decoder))
    case .connection: .connection(try ConnectionChange(from: decoder))
    case .message: .message(try Message(from: decoder))
    case .roundTrip: .roundTrip(try RoundTrip(from: decoder))
    case .micFrame: .micFrame(try MicFrame(from: decoder))
    case .voiceEdge: .voiceEdge(try VoiceEdge(from: decoder))
    case .gate: .gate(try Gate(from: decoder))
    case .echo: .echo(try EchoState(from: decoder))
    case .playout: .playout(try PlayoutBlock(from: decoder))
    case .playoutChange: .playoutChange(try PlayoutChange(from: decoder))
    case .queue: .queue(try QueueDepth(from: decoder))
    case .operatorAct: .operatorAct(try OperatorAct(from: decoder))
    case .injection: .injection(try Injection(from: decoder))
    case .fault: .fault(try FaultChange(from: decoder))
    case .device: .device(try DeviceChange(from: decoder))
    case .notice: .notice(try Notice(from: decoder))
    case .sessionEnded: .sessionEnded(try SessionEnded(from: decoder))
    }
  }
}

/// `text` for what is valid UTF-8, `base64` for everything else.
extension Message: Codable {
  private enum Key: String, CodingKey {
    case connection, direction, kind, text, base64, waitedMs
  }

  /// The way, seen from the client.
  private enum Direction: String, Codable {
    case sent, received
    init(_ way: Way) { self = way == .toServer ? .sent : .received }
    var way: Way { self == .sent ? .toServer : .toClient }
  }

  /// Fields as described above.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(link, forKey: .connection)
    try container.encode(Direction(way), forKey: .direction)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(waitedMs, forKey: .waitedMs)
    if kind == .text, let text = String(validating: payload, as: UTF8.self) {
      try container.encode(text, forKey: .text)
    } else {
      try container.encode(Data(payload).base64EncodedString(), forKey: .base64)
    }
  }

  /// - Throws: `DecodingError`, or `EntryLineError` for wrong base64.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let payload: [UInt8]
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      payload = Array(text.utf8)
    } else if let data = Data(base64Encoded: try container.decode(String.self, forKey: .base64)) {
      payload = Array(data)
    } else {
      throw EntryLineError(reason: "wrong base64")
    }
    self.init(
      link: try container.decode(LinkID.self, forKey: .connection),
      way: try container.decode(Direction.self, forKey: .direction).way,
      kind: try container.decode(Kind.self, forKey: .kind), payload: payload,
      waitedMs: try container.decodeIfPresent(Double.self, forKey: .waitedMs))
  }
}
