import FoundationEssentials
import Timeline
import Wire

/// One timeline entry as one line of JSON, without the newline.
///
/// Every line has `i` (the entry's index), `at` (milliseconds since the timeline's start, nanosecond precision) and
/// `event` (the kind), beside the fields of that kind.
public enum EntryLine {
  /// Writes one line.
  public static func encode(_ entry: Entry) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    // Entries hold finite numbers and strings only; the strategy keeps a stray NaN from losing the line.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(Line(entry: entry)) else { return Array("{}".utf8) }
    return Array(data)
  }

  /// Reads one line.
  /// - Throws: `EntryLineError` with what is wrong with it.
  public static func decode(_ line: some Sequence<UInt8>) throws(EntryLineError) -> Entry {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = line.withContiguousStorageIfAvailable { Data($0) } ?? Data(line)
    do {
      return try decoder.decode(Line.self, from: data).entry
    } catch let error as EntryLineError {
      throw error
    } catch DecodingError.keyNotFound(let key, _) {
      throw EntryLineError(reason: "no \"\(key.stringValue)\"")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      throw EntryLineError(
        reason: "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has the wrong type")
    } catch {
      throw EntryLineError(reason: "not valid JSON")
    }
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

  enum Key: String, CodingKey {
    case i, at, event
  }

  init(entry: Entry) { self.entry = entry }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(entry.index, forKey: .i)
    try container.encode(entry.at.milliseconds, forKey: .at)
    let (kind, fields) = EventKind.fields(of: entry.event)
    try container.encode(kind, forKey: .event)
    try fields.encode(to: encoder)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .event)
    guard let kind = EventKind(rawValue: name) else { throw EntryLineError(reason: "unknown event \"\(name)\"") }
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

  /// Fields as described above.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(connection, forKey: .connection)
    try container.encode(direction, forKey: .direction)
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
      connection: try container.decode(ConnectionID.self, forKey: .connection),
      direction: try container.decode(Direction.self, forKey: .direction),
      kind: try container.decode(Kind.self, forKey: .kind), payload: payload,
      waitedMs: try container.decodeIfPresent(Double.self, forKey: .waitedMs))
  }
}
