import Timeline

/// docs/dialects.md, made from the cards.
public enum DialectsDocument {
  /// The whole file. Checked in, and compared by a test, so that it is never out of date.
  public static func markdown(_ table: DialectTable = .builtIn) -> String {
    var text = """
      # Dialects

      The protocols that sidetone speaks. Made from the cards of the dialects, which stand in the table of
      `Sources/Core/Wire/DialectTable.swift`. `connect --dialect NAME` takes the client's seat, `serve --dialect NAME` the
      server's.

      | dialect | | seats | address |
      |---|---|---|---|

      """
    for card in table.cards {
      let seats = [(Side.client, "connect"), (.server, "serve")].filter { card.seats.contains($0.0) }.map(\.1)
      text +=
        "| [`\(card.name)`](#\(card.name)) | \(card.title) | \(seats.joined(separator: ", ")) "
        + "| \(card.defaultURL.map { "`\($0)`" } ?? "to be given") |\n"
    }
    for card in table.cards { text += section(card) }
    return text + howToAdd
  }

  private static func section(_ card: DialectCard) -> String {
    var rows: [(String, String)] = [
      ("user's audio", words(card.uplink)), ("agent's audio", words(card.downlink)),
      ("audio may be sent", readiness(card)), ("the user's turn ends", turns(card)),
      ("a response ends", card.responseEnd == .said ? "when the server says so" : "with a pause in its audio"),
      ("responses are told apart", card.identity == .byID ? "by the names that the server gives" : "by their order"),
      (
        "the user's words as text",
        card.transcription == .beforeAnswer ? "before the answer" : "beside the answer, at any time"
      ),
      ("interrupting", interruption(card)), ("coming back", resume(card)), ("silence on the link", keepalive(card)),
    ]
    for credential in card.credentials {
      rows.append(("key", "`\(credential.environment)`, as \(place(credential.place))"))
    }
    for header in card.headers { rows.append(("every request has", "the header `\(header.name): \(header.value)`")) }
    for option in card.options {
      let fallback = option.fallback.map { " Without it: `\($0)`." } ?? ""
      rows.append(("`--set \(option.name)=…`", option.help + fallback))
    }
    rows.append(("a client says", list(card.clientSays)))
    rows.append(("a server says", list(card.serverSays)))
    return "\n## \(card.name)\n\n\(card.notes)\n\n| | |\n|---|---|\n"
      + rows.map { "| \($0.0) | \($0.1) |\n" }.joined()
  }

  private static func words(_ forms: WireAudioForms) -> String {
    let each = forms.all.map {
      "\($0.codec.rawValue) at \($0.rate) Hz, \($0.carriage == .base64 ? "base64" : "binary")"
    }
    return each.joined(separator: "; or ") + (forms.isDeclared ? "; or what a message declares" : "")
      + ". About \(milliseconds(forms.chunk)) a message"
  }

  private static func milliseconds(_ duration: Duration) -> String {
    "\(duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000) ms"
  }

  private static func readiness(_ card: DialectCard) -> String {
    switch card.readiness {
    case .open: "as soon as the connection is open"
    case .greeting: "once the server has greeted"
    case .afterOpening: "once the server has agreed to the client's settings"
    }
  }

  private static func turns(_ card: DialectCard) -> String {
    switch card.turns {
    case .byAudio(let silence):
      "when the server hears \(milliseconds(silence)) of silence, which must be sent: it counts samples, not time"
    case .byMessages: "when the client says so, or with silence"
    case .byClient: "when the client says so"
    }
  }

  private static func interruption(_ card: DialectCard) -> String {
    let own =
      switch card.interruption {
      case .serverDetects: "the server hears the user; the client has no word for it"
      case .clientSays(true): "the client says so, and how much was heard"
      case .clientSays(false): "the client says so"
      case .flushOnly: "a side may say only that what was not heard is to be dropped, and not every peer knows it"
      }
    return own + (card.speechStartCuts ? "; the server's word that the user speaks cuts, too" : "")
  }

  private static func resume(_ card: DialectCard) -> String {
    switch card.resume {
    case .none: "not possible"
    case .query: "with a token in the address"
    case .opening: "with a token in the client's first message"
    }
  }

  private static func keepalive(_ card: DialectCard) -> String {
    switch card.keepalive {
    case .ping: "WebSocket pings"
    case .message(let every): "a message every \(milliseconds(every))"
    case .echo: "the server's own pings are echoed"
    }
  }

  private static func place(_ place: DialectCard.Credential.Place) -> String {
    switch place {
    case .header(let name, let prefix): "the header `\(name): \(prefix)…`"
    case .query(let name): "the query value `\(name)`"
    case .subprotocol(let prefix): "the subprotocol `\(prefix)…`"
    case .opening: "a field of the first message"
    }
  }

  private static func list(_ kinds: Set<VoiceEvent.Kind>) -> String {
    VoiceEvent.Kind.allCases.filter(kinds.contains).map(\.rawValue).joined(separator: ", ")
  }

  private static let howToAdd = """

    ## How to add a dialect

    A dialect is a row and a folder.

    1. Make the folder `Sources/Core/Wire/Dialects/NAME` with a type that conforms to `Dialect`, and write its `card`: what
       the tables above say. Nothing else in the program asks what a dialect is.
    2. `read` says what a message means: the type's own name, `VoiceEvent`s, and what the message is about (`WireRef`). A
       type that is not known is `.unknown`, what cannot be understood is `.malformed`; a message that is known and tells
       of nothing that other dialects have gets no event. Decode once, and trap on nothing. Texts that come in pieces and
       replace each other are put together here (`transcriptInterim` is the whole text so far).
    3. `say` is the way back, for both seats: the events that the card lists for a client and for a server. A client's first
       words are `.opening`. What manners demand without being asked, such as the echo of a ping, is `owes`.
    4. The state of a link follows from its messages alone. Whoever holds a dialect lets it read each message once, in order
       and of both sides, its own included: so the session, the server, the panes and a replay come to the same result.
       Keep in `say` only what no message shows, such as the number of the next event. Bound what you keep.
    5. Put the row into `DialectTable.builtIn`. The flags, the help, `doctor`, the screen and this page have it then; make
       the page anew with `SIDETONE_RECORD_GOLDEN=1 swift test --filter DialectsDocumentTests`.

    `DialectTests` checks each row: what one seat says the other reads, for every event of the card; a third reader of both
    sides comes to the same result; no bytes trap; audio is seen at a glance. Give it a session with the vendor's own client
    library as well: what documents say and what goes over the wire differ.

    """
}
