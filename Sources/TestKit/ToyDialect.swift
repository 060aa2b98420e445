import Timeline
import Wire

/// A dialect that is in no table of the program: what a new one needs is a type like this and a row.
///
/// Lines of text, a letter first: `H` the client's hello, `A` audio in hexadecimal, `T` words, `S` the agent's words, `P` a
/// ping that is to be echoed, `E` the end of a response, `X` stop. The server numbers its responses by counting: `R`.
public struct ToyDialect: Dialect {
  public static let card = DialectCard(
    name: "toy", title: "A toy of the tests", notes: "Lines of text, a letter first.",
    defaultURL: "ws://127.0.0.1:1/toy",
    credentials: [.init(environment: "SIDETONE_TOY_KEY", place: .header("X-Toy-Key", prefix: "Toy "))],
    subprotocols: ["toy.v1"],
    options: [
      .init(name: "model", help: "Which toy answers.", fallback: "bear", place: .query("model")),
      .init(name: "mood", help: "How it is.", place: .opening),
    ],
    uplink: WireAudioForms(
      WireAudioForm(.pcm16, rate: 24_000, .base64), WireAudioForm(.mulaw, rate: 8_000, .base64),
      chunk: .milliseconds(40)),
    downlink: WireAudioForms(WireAudioForm(.pcm16, rate: 24_000, .base64), chunk: .milliseconds(40)),
    readiness: .afterOpening, turns: .byAudio(silence: .milliseconds(900)), responseEnd: .said, identity: .byID,
    interruption: .clientSays(truncates: true), keepalive: .echo,
    clientSays: [.audio, .text, .interrupt, .heard, .pong],
    serverSays: [.ready, .audio, .responseStarted, .responseText, .responseComplete, .ping],
    speechStartCuts: true)

  public let card: DialectCard
  private let mood: String
  private var response = 0
  private var echo: String?

  public init(_ settings: DialectSettings) {
    card = Self.card.with(uplink: settings.uplink, downlink: settings.downlink)
    mood = settings.options["mood"] ?? "calm"
  }

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    let text = String(decoding: message.payload, as: UTF8.self)
    guard let letter = text.first else { return Reading("?", [.malformed(what: "line", reason: "it is empty")]) }
    let rest = String(text.dropFirst())
    if letter == "R", side == .server { response += 1 }
    let of = side == .server && response > 0 ? WireRef(response: "\(response)", item: "i\(response)") : nil
    func reading(_ type: String, _ event: VoiceEvent) -> Reading { Reading(type, [event], of: of) }
    switch (letter, side) {
    case ("A", _):
      let digits = Array(rest.utf8)
      let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { at in
        UInt8(String(decoding: digits[at..<at + 2], as: UTF8.self), radix: 16)
      }
      let form = side == .client ? card.uplink.preferred : card.downlink.preferred
      return reading("sound", .audio(AudioPayload(bytes: bytes, format: form.codec.rawValue, rate: form.rate)))
    case ("H", .client): return Reading("hello", [], summary: "a toy says hello, \(rest)")
    case ("H", .server): return Reading("hello", [.ready(Ready(sessionID: rest))])
    case ("T", .client): return Reading("words", [.text(rest)])
    case ("X", .client): return Reading("stop", [.interrupt])
    case ("Q", .client):
      let parts = rest.split(separator: " ")
      guard parts.count == 2, let ref = WireRef(item: String(parts[0])), let ms = Double(parts[1]) else { break }
      return Reading("heard", [.heard(HeardAudio(of: ref, ms: ms))])
    case ("P", .server):
      echo = rest
      return Reading("ping", [.ping(InBandPing(id: rest))])
    case ("P", .client):
      if echo == rest { echo = nil }
      return Reading("pong", [.pong(InBandPing(id: rest))])
    case ("R", .server): return reading("begin", .responseStarted)
    case ("S", .server): return reading("words", .responseText(rest))
    case ("E", .server): return reading("end", .responseComplete)
    default: break
    }
    return Reading(String(letter), [.unknown(type: String(letter))])
  }

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] {
    guard case .event(let event, _) = what else { return side == .client ? [.string("H\(mood)")] : [] }
    let text: String? =
      switch (event, side) {
      case (.audio(let payload), _): "A" + payload.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      case (.text(let words), .client): "T\(words)"
      case (.interrupt, .client): "X"
      case (.heard(let heard), .client): heard.of.item.map { "Q\($0) \(heard.ms)" }
      case (.pong(let ping), .client): ping.id.map { "P\($0)" }
      case (.ready(let ready), .server): "H\(ready.sessionID)"
      case (.ping(let ping), .server): ping.id.map { "P\($0)" }
      case (.responseStarted, .server): "R"
      case (.responseText(let words), .server): "S\(words)"
      case (.responseComplete, .server): "E"
      default: nil
      }
    return text.map { [.string($0)] } ?? []
  }

  public mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage] {
    guard side == .client, let echo else { return [] }
    self.echo = nil
    return [.string("P\(echo)")]
  }
}

extension DialectTable {
  /// Those of the program, and one row more.
  public static let withToy = DialectTable(builtIn.rows + [ToyDialect.self])
}
