import Screen
import Wire

// The message editor: opening, typing, sending.
extension Console {
  static let sentLimit = 100

  /// The operator's templates, and then the dialect's.
  var messageTemplates: [MessageTemplate] { options.templates + readers[driven ?? .first].templates }

  /// Opens on a template by name, on the opened message, or on what was left unsent.
  mutating func openEditor(_ template: String) throws(CommandFault) -> [ConsoleEffect] {
    let templates = messageTemplates
    var draft = unsentMessage ?? MessageEditor.Sent(text: "", form: .text)
    if let payload = currentMessage?.payload {
      draft = MessageEditor.draft(payload.isText ? .text(payload.bytes) : .binary(payload.bytes))
    }
    var editor = MessageEditor(draft, templates: templates)
    if !template.isEmpty, !editor.takeTemplate(template) {
      let names = templates.map(\.name).joined(separator: ", ")
      throw CommandFault(reason: "no template \"\(template)\"; there are \(names)")
    }
    lay(.editor(editor))
    return []
  }

  mutating func editMessage(_ change: (inout MessageEditor) -> Void) {
    guard case .editor(var editor) = overlay else { return }
    editor.fault = nil
    change(&editor)
    overlay = .editor(editor)
  }

  mutating func takeNextTemplate() throws(CommandFault) {
    guard case .editor(var editor) = overlay else { return }
    guard editor.takeTemplate() else { throw CommandFault(reason: "there are no templates") }
    overlay = .editor(editor)
  }

  mutating func reformatMessage() throws(CommandFault) {
    guard case .editor(var editor) = overlay else { return }
    guard editor.reformat() else { throw CommandFault(reason: "only JSON can be laid out anew") }
    overlay = .editor(editor)
  }

  /// Through the messages sent before, back when positive.
  mutating func walkSent(_ step: Int) throws(CommandFault) -> [ConsoleEffect] {
    if sentMessages.isEmpty, step > 0 { throw CommandFault(reason: "no message was sent from here yet") }
    let sent = sentMessages
    editMessage { $0.walk(step, through: sent) }
    return []
  }

  /// Sends, and leaves the editor; what cannot be made into bytes stays, with the reason.
  mutating func transmit() -> [ConsoleEffect] {
    guard case .editor(let editor) = overlay else { return [] }
    // Before it is ready a server can be sent to as well.
    guard [.open, .ready].contains(drivenInsight.link.state) else {
      editMessage { $0.fault = "not connected: nothing was sent, Esc keeps it for later" }
      return []
    }
    do {
      let outgoing = try editor.form.outgoing(editor.area.text)
      if sentMessages.last != editor.draft { sentMessages.append(editor.draft) }
      if sentMessages.count > Self.sentLimit { sentMessages.removeFirst() }
      unsentMessage = nil
      closeOverlay()
      return effects(of: outgoing)
    } catch {
      editMessage { $0.fault = error.reason }
      return []
    }
  }

  func effects(of outgoing: MessageForm.Outgoing) -> [ConsoleEffect] {
    switch outgoing {
    case .frame(let frame): [.command(.sendRaw(frame))]
    case .file(let path): [.sendFile(path: path)]
    }
  }
}
