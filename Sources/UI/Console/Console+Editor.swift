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
    overlay = .editor(editor)
    return []
  }

  mutating func editMessage(_ change: (inout MessageEditor) -> Void) {
    guard case .editor(var editor) = overlay else { return }
    editor.fault = nil
    change(&editor)
    overlay = .editor(editor)
  }

  /// What the keys of the editor do.
  mutating func performOnEditor(_ command: Command) throws(CommandFault) -> [ConsoleEffect] {
    guard case .editor(let editor) = overlay else { return [] }
    switch command {
    case .transmit: return transmit(editor)
    case .template:
      var changed = editor
      guard changed.takeTemplate() else { throw CommandFault(reason: "there are no templates") }
      overlay = .editor(changed)
    case .reformat:
      var changed = editor
      guard changed.reformat() else { throw CommandFault(reason: "only JSON can be laid out anew") }
      overlay = .editor(changed)
    case .older where sentMessages.isEmpty: throw CommandFault(reason: "no message was sent from here yet")
    default:
      let sent = sentMessages
      editMessage { Self.edit(&$0, command, sent) }
    }
    return []
  }

  private static func edit(_ editor: inout MessageEditor, _ command: Command, _ sent: [MessageEditor.Sent]) {
    switch command {
    case .form: editor.form = editor.form.next
    case .accept: editor.area.newLine()
    case .older: editor.walk(1, through: sent)
    case .newer: editor.walk(-1, through: sent)
    case .cursorLeft: editor.area.left()
    case .cursorRight: editor.area.right()
    case .wordLeft: editor.area.wordLeft()
    case .wordRight: editor.area.wordRight()
    case .lineStart: editor.area.home()
    case .lineEnd: editor.area.end()
    case .eraseBack: editor.area.backspace()
    case .eraseForward: editor.area.delete()
    case .eraseWord: editor.area.deleteWord()
    case .eraseToStart: editor.area.deleteToStart()
    case .eraseToEnd: editor.area.deleteToEnd()
    default: break
    }
  }

  /// Sends, and leaves the editor; what cannot be made into bytes stays, with the reason.
  private mutating func transmit(_ editor: MessageEditor) -> [ConsoleEffect] {
    // Before it is ready a server can be sent to as well.
    guard [.open, .ready].contains(drivenInsight.link.state) else {
      editMessage { $0.fault = "not connected: nothing was sent, Esc keeps it for later" }
      return []
    }
    do {
      let outgoing = try editor.form.outgoing(editor.area.text)
      if sentMessages.last != editor.draft { sentMessages.append(editor.draft) }
      if sentMessages.count > Self.sentLimit { sentMessages.removeFirst() }
      (overlay, unsentMessage) = (.none, nil)
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
