import Screen
import Session
import Timeline

// What is asked of a session: to speak, to send, to interrupt.
extension Command {
  static let interrupt = Command("interrupt")
  static let say = Command("say")
  static let play = Command("play")
  static let hush = Command("hush")
  static let mute = Command("mute")
  static let talk = Command("talk")
  static let gate = Command("gate")
  static let config = Command("config")
  static let text = Command("text")
  static let send = Command("send")
  static let sendBinary = Command("send-binary")
  static let toolResult = Command("tool-result")
  static let edit = Command("edit")
  static let reconnect = Command("reconnect")
  static let mark = Command("mark")
}

extension CommandTable {
  static let sessionRows: [CommandSpec] = [
    CommandSpec(
      .interrupt, .session, [.on("i")], "interrupt", "Stop the agent's answer now and empty the playout.", .drive,
      offered: { $0.isUsable }
    ) { _, _ in [.command(.interrupt)] },
    CommandSpec(
      .say, .session, [.on("s")], "say", "Speak typed words into the microphone path.", .speak,
      argument: [.text("WORDS")]
    ) { _, input in [.command(.say(input.text))] },
    CommandSpec(
      .play, .session, [.on("P")], "play", "Speak a sound file in the microphone's place, or mixed with it.", .speak,
      hinted: [],
      argument: [
        .file("wav", "flac", "mp3", "ogg", "opus", "aiff"),
        .choice(.init("replace", "instead of the microphone"), .init("mix", "added to the microphone")).optional,
      ]
    ) { _, input in [.command(.play(path: input.text, isMixed: input[1] == "mix"))] },
    CommandSpec(
      .hush, .session, [.on("S")], "hush", "Stop speaking typed words and sound files, and drop what waits.", .speak,
      hinted: []
    ) { _, _ in [.command(.stopSpeaking)] },
    CommandSpec(
      .mute, .session, [.on("m")], "mute", "Mute or unmute the microphone.", .drive,
      labelled: { $0.drivenInsight.gate.muted ? "unmute" : nil }
    ) { console, _ in [.command(.setMuted(!console.drivenInsight.gate.muted))] },
    CommandSpec(
      .talk, .session, [.on(" ")], "talk", "Open or close the line in push-to-talk mode (a toggle).", .drive,
      offered: { $0.drivenInsight.gate.mode == .ptt },
      labelled: { $0.drivenInsight.gate.talking ? "stop talking" : nil }
    ) { console, _ throws(CommandFault) in try console.toggleTalking() },
    CommandSpec(
      .gate, .session, [.on("v")], "gate", "What is sent: speech only (gate), everything (open), push to talk (ptt).",
      .drive,
      argument: [
        .choice(.init("gate", "only speech"), .init("open", "everything"), .init("ptt", "push to talk")).optional
      ]
    ) { console, input in [.command(.setGate(input[0].flatMap(Gate.Mode.init) ?? console.nextGate))] },
    CommandSpec(
      .config, .session, [.on("c")], "config", "Edit the server's settings in a form, or send a JSON object of them.",
      .inject, argument: [Argument.json.optional],
      offered: { $0.isUsable }
    ) { console, input in
      if let text = input[0] { return [.command(.sendConfig(text))] }
      console.openForm()
      return []
    },
    CommandSpec(
      .text, .session, [.on("w")], "write", "Send a typed turn that skips speech recognition.", .inject, hinted: [],
      argument: [.text("WORDS")]
    ) { _, input in [.command(.sendText(input.text))] },
    CommandSpec(
      .send, .session, [], "send", "Send any text message as it is, valid or not.", .inject,
      hinted: [], argument: [Argument.message]
    ) { _, input in [.command(.sendRaw(.string(input.text)))] },
    CommandSpec(
      .sendBinary, .session, [], "send binary", "Send a binary message: hex:00FF, base64:AP8= or @FILE.",
      .inject, hinted: [], argument: [Argument.bytes]
    ) { console, input throws(CommandFault) in console.effects(of: try MessageForm.binary(input.text)) },
    CommandSpec(
      .toolResult, .session, [], "tool result",
      "Answer the agent's oldest open tool call, or the one whose id comes first.",
      .inject, hinted: [], argument: [.text("RESULT")]
    ) { _, input in [.command(.sendToolResult(input.text))] },
    CommandSpec(
      .edit, .session, [.on("e", [.panes, .message])], "edit",
      "Write a message of many lines or of bytes; from an opened message, change it and send it again.", .inject,
      hinted: [.message], argument: [Argument.template.optional],
      offered: { $0.mode != .message || $0.currentMessage?.payload != nil }
    ) { console, input throws(CommandFault) in try console.openEditor(input.text) },
    CommandSpec(
      .reconnect, .session, [.on("r")], "reconnect", "Connect again now, after giving up or while waiting.", .drive,
      offered: { !$0.isUsable && $0.drivenInsight.link.state != nil }
    ) { console, _ throws(CommandFault) in try console.reconnect() },
    CommandSpec(
      .mark, .session, [.on("R", [.panes, .message])], "mark",
      "Mark this moment with a note, to find it again; the key asks for the note.", .record, hinted: [],
      argument: [.text("NOTE").optional]
    ) { console, input in console.mark(input) },
  ]
}
