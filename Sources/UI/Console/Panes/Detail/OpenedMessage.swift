import Screen
import Timeline
import Wire

/// A row of the log, opened: its message as JSON to be folded, as text, as a hex dump, and its audio as a waveform.
struct OpenedMessage: Sendable {
  enum Content: Sendable, Equatable {
    case json(JSONOutline)
    /// A text message that is no JSON, with the reason.
    case text(String, fault: String)
    case hex(HexDump)
    /// Not a message; or one whose payload is no longer kept.
    case words(StyledText)
  }

  let row: LogRow
  let type: String
  /// As it is best read; a switch shows any payload as hex.
  var content: Content
  private(set) var showsHex = false
  /// Which of the row's kept payloads this is, how many are kept, and the payload itself.
  let member: Int
  let memberCount: Int
  let payload: LogPayload?
  let clip: AudioClip?
  /// What is not as it was sent, in words.
  private(set) var notes: [String] = []
  /// The first of the rows that are shown, and the one under the cursor, as rows of the screen.
  var offset = 0
  var cursor = 0
  /// The log followed when this was opened, and is to follow again when it is closed.
  var resumesFollowing = false

  /// How audio is to be read.
  struct Context: Sendable {
    var reader: DialectReader
    /// Samples a second of PCM that does not say its own.
    var uplinkRate: Int
    var downlinkRate: Int
  }

  /// - Parameters:
  ///   - entry: which message of an audio row to open, by its entry's index; another row's is of no effect.
  ///   - atEnd: opens the last message of an audio row instead of the first.
  init(_ row: LogRow, entry: Int? = nil, in store: LogStore, _ context: Context, atEnd: Bool = false) {
    let payloads = store.payloads(of: row)
    let pointed = entry.flatMap { entry in payloads.firstIndex { $0.entry == entry } }
    self.init(row, member: pointed ?? (atEnd ? max(0, payloads.count - 1) : 0), in: store, context)
  }

  private init(_ row: LogRow, member: Int, in store: LogStore, _ context: Context) {
    let payloads = store.payloads(of: row)
    self.row = row
    self.member = member
    type = store.typeName(of: row)
    memberCount = payloads.count
    payload = member < payloads.count ? payloads[member] : nil
    clip =
      row.isMedia
      ? AudioClip(
        payloads, opened: member, reader: context.reader,
        rate: row.kind == .sent ? context.uplinkRate : context.downlinkRate) : nil
    if row.kind != .event, payloads.count < row.count {
      let limit = Figures.bytes(store.limits.payloadBytes)
      notes.append("\(Figures.count(row.count - payloads.count, "payload")) of this row forgotten (\(limit) are kept)")
    }
    guard let payload else {
      let gone = "The payload is no longer kept; this is the row's summary:\n\n"
      content = .words(StyledText(row.kind == .event ? "" : gone, .warning) + StyledText(row.summary, .text))
      return
    }
    if payload.bytes.count < payload.byteCount {
      notes.append(
        "only the first \(Figures.bytes(payload.bytes.count)) of \(Figures.bytes(payload.byteCount)) are kept")
    }
    guard payload.isText else {
      content = .hex(HexDump(bytes: payload.bytes))
      return
    }
    guard String(validating: payload.bytes, as: UTF8.self) != nil else {
      notes.append("a text message that is no valid UTF-8")
      content = .hex(HexDump(bytes: payload.bytes))
      return
    }
    let pretty = JSONPretty(payload.bytes)
    if let fault = pretty.fault {
      content = .text(String(decoding: payload.bytes, as: UTF8.self), fault: "not valid JSON: \(fault)")
    } else {
      content = .json(JSONOutline(pretty))
    }
  }

  /// The next or previous message of the same row, seen in the same way.
  func sibling(_ step: Int, in store: LogStore, _ context: Context) -> OpenedMessage? {
    let next = member + step
    guard next >= 0, next < memberCount else { return nil }
    var message = OpenedMessage(row, member: next, in: store, context)
    if showsHex { message.toggleHex() }
    return message
  }

  /// What is shown now.
  var shown: Content {
    guard showsHex, let payload else { return content }
    return .hex(HexDump(bytes: payload.bytes))
  }

  /// False where nothing can be seen in another way: without bytes, and where they are shown as hex anyway.
  @discardableResult
  mutating func toggleHex() -> Bool {
    if case .hex = content { return false }
    guard payload != nil else { return false }
    showsHex.toggle()
    (offset, cursor) = (0, 0)
    return true
  }

  /// More than this some terminals drop without a word; 74 994 bytes of base64 is what tools for OSC 52 keep to.
  static let copyLimit = 74_994 / 4 * 3

  /// What copying gives: JSON whole, unless it is too much for the clipboard, then with its long strings folded.
  var plainText: String {
    switch shown {
    case .json(let outline):
      payload.flatMap { JSONLayout.indented(String(decoding: $0.bytes, as: UTF8.self)) }
        .flatMap { $0.utf8.count <= Self.copyLimit ? $0 : nil } ?? outline.plainText
    case .text(let text, _): text
    case .hex(let dump):
      (0..<dump.lineCount).compactMap { dump.line($0) }.map { "\($0.offset)  \($0.hex)  \($0.characters)" }
        .joined(separator: "\n")
    case .words(let text): row.kind == .event ? "\(type) \(row.summary)" : text.plain
    }
  }

  /// What a file gets: the payload byte for byte, or the words of what is no message.
  var fileBytes: [UInt8] { payload?.bytes ?? Array(plainText.utf8) }
}
