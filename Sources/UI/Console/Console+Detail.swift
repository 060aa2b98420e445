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

  /// The opened message; or why there is none.
  private func openedMessage() throws(CommandFault) -> OpenedMessage {
    guard let message = currentMessage else { throw CommandFault(reason: "\(call(.open)) opens a message first") }
    return message
  }

  mutating func toggleHex() throws(CommandFault) {
    var message = try openedMessage()
    guard message.toggleHex() else {
      throw CommandFault(
        reason: message.payload == nil
          ? "there are no bytes to show: this is no message" : "this is shown as hex already")
    }
    overlay = .message(message)
  }

  /// - Parameter change: false when there is nothing to fold.
  mutating func changeFolds(_ change: (inout OpenedMessage, Size) -> Bool) throws(CommandFault) {
    var message = try openedMessage()
    guard change(&message, messageArea(size)) else {
      throw CommandFault(reason: "there is nothing to fold: no JSON is shown")
    }
    overlay = .message(message)
  }

  /// The opened message, or else the row under the log's cursor.
  mutating func writeMessage(_ input: CommandInput) throws(CommandFault) -> [ConsoleEffect] {
    try write((currentMessage ?? selectedMessage)?.fileBytes ?? [], input)
  }

  mutating func writeTranscript(_ input: CommandInput) throws(CommandFault) -> [ConsoleEffect] {
    try write(Array(TranscriptRows.text(insight.transcript, clock).utf8), input)
  }

  private func write(_ bytes: [UInt8], _ input: CommandInput) throws(CommandFault) -> [ConsoleEffect] {
    guard !bytes.isEmpty else { throw CommandFault(reason: "there is nothing to write yet") }
    return [.write(path: input.text, bytes: bytes, replaces: input.insists)]
  }

  mutating func listen() throws(CommandFault) -> [ConsoleEffect] {
    let message = try openedMessage()
    guard let clip = message.clip, !clip.payloads.isEmpty else {
      throw CommandFault(reason: "there is no audio in this message")
    }
    listenedAt = now
    return [.command(.listen(clip.payloads))]
  }
}
