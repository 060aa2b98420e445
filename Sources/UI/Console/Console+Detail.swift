import Screen

// The opened message: how it is seen, and where it goes.
extension Console {
  var currentMessage: OpenedMessage? { if case .message(let message) = overlay { message } else { nil } }

  /// How the audio of a row's messages is read.
  func reading(of row: LogRow) -> OpenedMessage.Context {
    let known = others.first { $0.source == row.source }?.insight ?? insight
    return OpenedMessage.Context(
      reader: readers[row.source], uplinkRate: known.inputRate, downlinkRate: known.outputRate)
  }

  mutating func changeView(_ command: Command) throws(CommandFault) {
    guard var message = currentMessage else { throw CommandFault(reason: "\(call(.open)) opens a message first") }
    let area = messageArea(size)
    let isDone =
      switch command {
      case .hex: message.toggleHex()
      case .foldAll: message.setFolded(true, in: area)
      case .unfoldAll: message.setFolded(false, in: area)
      default: message.toggleFold(in: area)
      }
    guard isDone else {
      throw CommandFault(
        reason: command != .hex
          ? "there is nothing to fold: no JSON is shown"
          : message.payload == nil
            ? "there are no bytes to show: this is no message" : "this is shown as hex already")
    }
    overlay = .message(message)
  }

  /// The opened message, or else the row under the log's cursor, or the transcript when that has the focus.
  mutating func write(_ argument: String) throws(CommandFault) -> [ConsoleEffect] {
    let replaces = argument.hasPrefix("!")
    let path = String(argument.drop { $0 == "!" || $0 == " " })
    guard !path.isEmpty else {
      prompt = Prompt(.command, prefilled: replaces ? "write! " : "write ")
      return []
    }
    let bytes: [UInt8]
    if let message = currentMessage {
      bytes = message.fileBytes
    } else if focus == .transcript {
      bytes = Array(TranscriptRows.text(insight.transcript, clock).utf8)
    } else if let row = log.selected {
      bytes = OpenedMessage(row, in: log.store, reading(of: row)).fileBytes
    } else {
      bytes = []
    }
    guard !bytes.isEmpty else { throw CommandFault(reason: "there is nothing to write yet") }
    return [.write(path: path, bytes: bytes, replaces: replaces)]
  }

  mutating func listen() throws(CommandFault) -> [ConsoleEffect] {
    guard let message = currentMessage else { throw CommandFault(reason: "\(call(.open)) opens a message first") }
    guard let clip = message.clip, !clip.payloads.isEmpty else {
      throw CommandFault(reason: "there is no audio in this message")
    }
    listenedAt = now
    return [.command(.listen(clip.payloads))]
  }
}
