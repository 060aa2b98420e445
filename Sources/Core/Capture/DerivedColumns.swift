import Timeline
import Wire

/// What a capture keeps beside an entry so that it can be looked for: all of it follows from the entries, and none of it is
/// the truth.
public struct DerivedColumns: Sendable, Equatable {
  /// The kind of the event, as its line names it.
  public var kind: String
  /// A message's own name for its type.
  public var type: String?
  /// The number of the connection that it is about.
  public var link: Int?
  /// The number of the response that it is about, as the client counts them.
  public var response: Int?
  /// The name of that response, as the peer gave it.
  public var responseName: String?
  /// A message that holds audio.
  public var isAudio: Bool
  /// What can be searched for; nil where there are no words.
  public var text: String?

  public init(
    kind: String, type: String? = nil, link: Int? = nil, response: Int? = nil, responseName: String? = nil,
    isAudio: Bool = false, text: String? = nil
  ) {
    self.kind = kind
    self.type = type
    self.link = link
    self.response = response
    self.responseName = responseName
    self.isAudio = isAudio
    self.text = text
  }
}

/// Finds the derived columns of entries. A value: give it the entries of a timeline in order.
public struct ColumnReader: Sendable {
  /// Bytes of words that are kept of an entry.
  public static let longestText = 16_384
  /// Bytes that are kept of a type's name.
  public static let longestType = 256

  private var readers: SourceReaders

  /// - Parameter table: the dialects that messages are read by.
  public init(among table: DialectTable = .builtIn) { readers = SourceReaders(among: table) }

  public mutating func read(_ entry: Entry) -> DerivedColumns {
    var columns = DerivedColumns(kind: EntryLine.kind(of: entry.event))
    let reading = readers.observe(entry)
    switch entry.event {
    case .message(let message):
      columns.link = message.link.rawValue
      guard let reading else { break }
      columns.type = reading.type.cut(toBytes: Self.longestType)
      columns.responseName = reading.of?.response
      columns.isAudio = reading.isAudio
      columns.text = text(of: message, reading)
    case .connection(let change):
      columns.link = change.link.rawValue
      columns.text = kept(change.reason)
    case .roundTrip(let trip): columns.link = trip.link.rawValue
    case .playout(let block): columns.response = block.response?.rawValue
    case .playoutChange(let change): columns.response = change.response?.rawValue
    case .operatorAct(let act): columns.text = kept("\(act.command) \(act.argument)")
    case .injection(let injection): columns.text = kept(injection.name)
    case .fault(let fault): columns.text = kept(fault.name.rawValue)
    case .device(let change): columns.text = kept("\(change.name) \(change.text)")
    case .notice(let notice): columns.text = kept(notice.text)
    case .sessionStarted(let start): columns.text = kept(start.url)
    case .sourceStarted(let source): columns.text = kept("\(source.name) \(source.url)")
    case .sessionEnded(let end): columns.text = kept(end.reason)
    case .unknown(let unknown):
      columns.text = kept(String(decoding: unknown.line.prefix(Self.longestText), as: UTF8.self))
    case .delivery, .micFrame, .voiceEdge, .gate, .echo, .queue: break
    }
    return columns
  }

  /// Of a message without audio its whole text; of one with audio the words beside it.
  private func text(of message: Message, _ reading: Reading) -> String? {
    let words = reading.events.compactMap(Self.words).joined(separator: " ")
    guard message.kind == .text, !reading.isAudio else { return kept(words) }
    let payload = String(decoding: message.payload.prefix(Self.longestText), as: UTF8.self)
    // Letters that JSON spells as numbers.
    return kept(payload.utf8.contains(UInt8(ascii: "\\")) && !words.isEmpty ? "\(words) \(payload)" : payload)
  }

  private func kept(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return String(text.prefix(bytes: Self.longestText))
  }

  private static func words(_ event: VoiceEvent) -> String? {
    switch event {
    case .text(let words), .transcriptInterim(let words), .transcriptFinal(let words), .responseText(let words),
      .responseCorrected(let words):
      words
    case .toolCall(let call): "\(call.name) \(call.arguments)"
    case .toolResult(let result): result.output
    case .error(let error): error.message
    default: nil
    }
  }
}
