import Timeline
import Wire

/// Two seats of a dialect on one link, and a witness who only reads.
struct DialectLine {
  var client: any Dialect
  var server: any Dialect
  var witness: any Dialect

  /// - Parameter row: the dialect.
  init(
    client: DialectSettings = DialectSettings(), server: DialectSettings = DialectSettings(),
    as row: any Dialect.Type = OpenAIDialect.self
  ) {
    (self.client, self.server, witness) = (row.init(client), row.init(server), row.init(DialectSettings()))
  }

  /// What one side says, as all three read it.
  struct Said {
    var message: WireMessage
    var reading: Reading
    var json: JSONValue { (try? JSONValue(parsing: message.payload)) ?? .null }
    var type: String { reading.type }
  }

  @discardableResult
  mutating func deliver(_ messages: [WireMessage], from side: Side) -> [Said] {
    messages.map {
      let read = [client.read($0, from: side), server.read($0, from: side), witness.read($0, from: side)]
      precondition(read[0] == read[1] && read[1] == read[2])
      return Said(message: $0, reading: read[2])
    }
  }

  @discardableResult
  mutating func say(_ event: VoiceEvent, as side: Side, of: WireRef? = nil) -> [Said] {
    send(.event(event, of: of), as: side)
  }

  /// Says it, and what the other side owes for it.
  @discardableResult
  mutating func send(_ saying: Saying, as side: Side) -> [Said] {
    let messages = side == .client ? client.say(saying, as: side, at: .zero) : server.say(saying, as: side, at: .zero)
    return deliver(messages, from: side)
  }

  /// A text message of that side as another program would write it.
  @discardableResult
  mutating func raw(_ text: String, from side: Side) -> Said { deliver([.string(text)], from: side)[0] }

  /// What that side owes.
  @discardableResult
  mutating func owed(by side: Side) -> [Said] {
    deliver(side == .client ? client.owes(as: side, at: .zero) : server.owes(as: side, at: .zero), from: side)
  }
}

// Of OpenAI Realtime.
extension DialectLine {
  /// Greeted, opened and agreed on.
  static func ready(
    client: DialectSettings = DialectSettings(), as row: any Dialect.Type = OpenAIDialect.self
  ) -> DialectLine {
    var line = DialectLine(client: client, as: row)
    line.say(.ready(Ready(sessionID: "sess_1")), as: .server)
    line.send(.opening(resume: nil), as: .client)
    line.say(.configApplied(.object([:])), as: .server)
    return line
  }

  /// Audio of so many milliseconds in 24 kHz PCM.
  static func audio(ms: Int) -> VoiceEvent { .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: ms * 48))) }
}

extension [DialectLine.Said] {
  var types: [String] { map(\.type) }
  var events: [VoiceEvent] { flatMap(\.reading.events) }
  func first(_ type: String) -> JSONValue? { first { $0.type == type }?.json }
}
