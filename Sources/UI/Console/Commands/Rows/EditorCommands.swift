import Screen
import Session

// The message editor.
extension Command {
  static let transmit = Command("transmit")
  static let template = Command("template")
  static let form = Command("form")
  static let reformat = Command("reformat")
}

extension CommandTable {
  static let editorRows: [CommandSpec] = [
    CommandSpec(
      .transmit, .editor, [.on(.control("s"), [.editor])], "send", "Send the message as it is, valid or not.", .inject,
      hinted: [.editor]
    ) { console, _ in console.transmit() },
    CommandSpec(
      .template, .editor, [.on(.control("t"), [.editor])], "template", "Put the next template in the message's place.",
      hinted: [.editor]
    ) { console, _ throws(CommandFault) in
      try console.takeNextTemplate()
      return []
    },
    CommandSpec(
      .form, .editor, [.on(.control("f"), [.editor])], "form", "What is typed is text, hex, base64 or a file's path.",
      hinted: [.editor]
    ) { console, _ in
      console.editMessage { $0.form = $0.form.next }
      return []
    },
    CommandSpec(
      .reformat, .editor, [.on(.control("r"), [.editor])], "reformat", "Indent JSON, or put it on one line.",
      hinted: [.editor]
    ) { console, _ throws(CommandFault) in
      try console.reformatMessage()
      return []
    },
  ]
}
