import FoundationEssentials
import Timeline
import Wire

/// One timeline entry as one line of JSON, without the newline.
///
/// Every line has `i` (the entry's index), `at` (milliseconds since the timeline's start, nanosecond precision), `src` (the
/// number of its source) and `event` (the kind), beside the fields of that kind; and `time` where the time of day is known,
/// for other programs. The first line of a recording has `capture`, the version of the format.
/// Whatever a peer has sent, a line is safe to be printed on a terminal, and reads back to the same bytes.
public enum EntryLine {
  /// Moments further from the start than this are refused: 1e12 milliseconds are 31 years.
  private static let longest = 1e12
  /// Whole numbers that every reader of JSON keeps exact.
  private static let exactIndexes = -(1 << 53)...(1 << 53)

  /// Writes one line. What is not known here is written as it was read.
  /// - Parameters:
  ///   - wallClockMilliseconds: the time of day at timestamp zero, since 1970-01-01 UTC, where it is known.
  ///   - isFirst: it begins a recording.
  public static func encode(_ entry: Entry, wallClockMilliseconds: Int64? = nil, isFirst: Bool = false) -> [UInt8] {
    if case .unknown(let unknown) = entry.event {
      return printable(unknown.line)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    // Entries hold finite numbers and strings only; the strategy keeps a stray NaN from losing the line.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let time = wallClockMilliseconds.map {
      WallClock.text($0.adding(entry.at.nanoseconds.dividedDown(by: 1_000_000)))
    }
    let line = Line(entry: entry, time: time, version: isFirst ? CaptureFormat.version : nil)
    guard let data = try? encoder.encode(line) else { return Array("{}".utf8) }
    return UnseenCharacters.escaped(Array(data))
  }

  /// A line as it was read, safe to be printed on a terminal: its strings read back to the same bytes.
  public static func printable(_ line: [UInt8]) -> [UInt8] {
    // A control outside of strings is a space, and there is none within.
    UnseenCharacters.escaped(line.contains { $0 < 0x20 } ? line.map { $0 < 0x20 ? 0x20 : $0 } : line)
  }

  /// The kind of an event as the line names it: `message`, `notice`. Of one that is not known, the kind that it has.
  public static func kind(of event: Entry.Event) -> String {
    if case .unknown(let unknown) = event { return unknown.kind }
    return EventKind.fields(of: event)?.0.rawValue ?? ""
  }

  /// Reads one line by itself, of whatever version it is.
  /// - Throws: `EntryLineError` with what is wrong with it.
  public static func decode(_ line: some Sequence<UInt8>) throws(EntryLineError) -> Entry {
    var reader = CaptureReader()
    return try reader.read(line)
  }

  /// Reads a line of the version that is written.
  static func decodeCurrent(_ line: some Sequence<UInt8>) throws(EntryLineError) -> Entry {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = line.withContiguousStorageIfAvailable { Data($0) } ?? Data(line)
    // The decoder ends the program at 512 levels.
    guard !JSONValue.isTooDeep(data) else {
      throw EntryLineError(reason: "nested deeper than \(JSONValue.deepestNesting) levels")
    }
    do {
      var entry = try decoder.decode(Line.self, from: data).entry
      guard exactIndexes.contains(entry.index) else { throw EntryLineError(reason: "\"i\" is out of range") }
      guard abs(entry.at.milliseconds) <= longest else { throw EntryLineError(reason: "\"at\" is out of range") }
      if case .unknown(var unknown) = entry.event {
        unknown.line = Array(data)
        entry.event = .unknown(unknown)
      }
      return entry
    } catch let error as EntryLineError {
      throw error
    } catch DecodingError.keyNotFound(let key, _) {
      throw EntryLineError(reason: "no \"\(key.stringValue)\"")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      guard !context.codingPath.isEmpty else { throw EntryLineError(reason: "not a JSON object") }
      throw EntryLineError(reason: "\"\(path(context))\" has the wrong type")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw EntryLineError(reason: "\"\(path(context))\" has a value out of range")
    } catch {
      throw EntryLineError(reason: "not valid JSON")
    }
  }

  fileprivate static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
  }
}

/// A line that is no timeline entry.
public struct EntryLineError: Error, Equatable, CustomStringConvertible {
  public var reason: String
  public init(reason: String) { self.reason = reason }
  public var description: String { reason }
}

/// The line: the entry's own fields beside those of its event, in one flat object.
private struct Line: Codable {
  var entry: Entry
  var time: String?
  /// Of the format, in the first line.
  var version: Int?

  enum Key: String, CodingKey {
    case i, at, src, event, time, capture
  }

  init(entry: Entry, time: String?, version: Int?) {
    self.entry = entry
    self.time = time
    self.version = version
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(entry.index, forKey: .i)
    try container.encode(entry.at.milliseconds, forKey: .at)
    try container.encode(entry.source, forKey: .src)
    try container.encodeIfPresent(time, forKey: .time)
    try container.encodeIfPresent(version, forKey: .capture)
    guard let (kind, fields) = EventKind.fields(of: entry.event) else { return }
    try container.encode(kind, forKey: .event)
    try fields.encode(to: encoder)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .event)
    entry = Entry(
      index: try container.decode(Int.self, forKey: .i),
      at: Timestamp(milliseconds: try container.decode(Double.self, forKey: .at)),
      source: try Self.source(container), event: try Self.event(name, decoder))
  }

  private static func source(_ container: KeyedDecodingContainer<Key>) throws -> SourceID? {
    guard let number = try container.decodeIfPresent(Int.self, forKey: .src) else { return nil }
    guard let exact = UInt16(exactly: number) else { throw EntryLineError(reason: "\"src\" is out of range") }
    return SourceID(exact)
  }

  /// The line of an unknown one is filled in by who has it.
  private static func event(_ name: String, _ decoder: any Decoder) throws -> Entry.Event {
    func unknown(_ reason: String) -> Entry.Event {
      .unknown(UnknownEvent(kind: String(name.prefix(64)), reason: reason, line: []))
    }
    guard let kind = EventKind(rawValue: name) else { return unknown("unknown event \"\(name.prefix(64))\"") }
    do {
      return try kind.decode(decoder)
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      // A state or a kind that a later version has, or a number that no number type holds.
      return unknown("\"\(EntryLine.path(context))\" has a value that is not known here")
    }
  }
}

/// The kinds by name; the two directions of one table.
private enum EventKind: String, Codable {
  case sessionStarted, sourceStarted, connection, message, delivery, roundTrip, micFrame, voiceEdge, gate, echo,
    playout, playoutChange, queue
  case operatorAct, injection, fault, device, notice, sessionEnded

  /// Nil for what is not known here.
  static func fields(of event: Entry.Event) -> (EventKind, any Encodable)? {
    switch event {
    case .sessionStarted(let fields): (.sessionStarted, fields)
    case .sourceStarted(let fields): (.sourceStarted, fields)
    case .delivery(let fields): (.delivery, fields)
    case .unknown: nil
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
    case .sourceStarted: .sourceStarted(try Source(from: decoder))
    case .delivery: .delivery(try Delivery(from: decoder))
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
    case link, way, origin, kind, text, base64, waitedMs, replaces
  }

  /// Fields as described above.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(link, forKey: .link)
    try container.encode(way, forKey: .way)
    try container.encode(origin, forKey: .origin)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(waitedMs, forKey: .waitedMs)
    try container.encodeIfPresent(replaces, forKey: .replaces)
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
      link: try container.decode(LinkID.self, forKey: .link), way: try container.decode(Way.self, forKey: .way),
      kind: try container.decode(Kind.self, forKey: .kind), payload: payload,
      origin: try container.decodeIfPresent(Origin.self, forKey: .origin),
      waitedMs: try container.decodeIfPresent(Double.self, forKey: .waitedMs),
      replaces: try container.decodeIfPresent(Int.self, forKey: .replaces))
  }
}
