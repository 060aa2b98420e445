import Timeline
import Wire

/// What an operator can ask for. One value goes the whole way: from the key or the typed line, through the port, to the
/// machine that does it, and to the entry that says so.
public enum OperatorCommand: Sendable, Equatable {
  /// Stop the agent's answer and empty the playout.
  case interrupt
  /// A config message. The text is sent as `config` when it is a JSON object, and reported when it is not.
  case sendConfig(String)
  /// A typed turn that skips speech recognition.
  case sendText(String)
  /// What a tool gave that the agent has called: of the oldest call without a result, or of the one whose name is the
  /// first word.
  case sendToolResult(String)
  /// Any message, valid or not.
  case sendRaw(WireMessage)
  case setGate(Gate.Mode)
  case setMuted(Bool)
  case setTalking(Bool)
  /// Speak typed words into the microphone path.
  case say(String)
  /// Play a sound file into the microphone path: in the microphone's place, or mixed with it.
  case play(path: String, isMixed: Bool)
  /// Stop speaking what was typed or played, and drop what waits.
  case stopSpeaking
  /// Listen to recorded audio, one stream in pieces, while the agent is silent.
  case listen([AudioPayload])
  /// This filter of the protocol log is in force; empty: all rows are shown.
  case filter(String)
  /// Times in the protocol log count from the row of this moment; nil: from the row before again.
  case countFrom(Timestamp?)
  /// A moment is worth finding again: what is noted about it, which may be nothing, and when it was, if not just now.
  case mark(String, at: Timestamp? = nil)
  case disconnect(Disconnect)
  /// Try again now, after the session gave up or while it waits.
  case reconnect
  case quit

  /// Ways to lose a connection.
  public enum Disconnect: Sendable, Equatable {
    /// Close handshake with a code, then reconnect.
    case close(code: Int, reason: String)
    /// TCP reset.
    case abort
    /// Neither read nor write; again to lift.
    case stall
    /// Drop the connection, and let reconnects fail for this long.
    case refuse(Duration)
  }
}

extension OperatorCommand {
  /// What its entry says: exactly which act it was, and with what. Secrets are still in it.
  public var act: OperatorAct {
    switch self {
    case .interrupt: OperatorAct(.interrupt)
    case .sendConfig(let text): OperatorAct(.config, text)
    case .sendText(let text): OperatorAct(.text, text)
    case .sendToolResult(let text): OperatorAct(.toolResult, text)
    case .sendRaw(.text(let bytes)): OperatorAct(.send, String(decoding: bytes, as: UTF8.self))
    case .sendRaw(.binary(let bytes)): OperatorAct(.send, "\(bytes.count) bytes")
    case .setGate(let mode): OperatorAct(.gate, mode.rawValue)
    case .setMuted(let muted): OperatorAct(.mute, muted ? "on" : "off")
    case .setTalking(let talking): OperatorAct(.talk, talking ? "on" : "off")
    case .say(let text): OperatorAct(.say, text)
    case .play(let path, let isMixed): OperatorAct(.play, path + (isMixed ? " mix" : ""))
    case .stopSpeaking: OperatorAct(.hush)
    case .listen(let pieces):
      OperatorAct(.listen, "\(pieces.count == 1 ? "1 piece" : "\(pieces.count) pieces") of recorded audio")
    case .filter(let text): OperatorAct(.filter, text)
    case .mark(let note, _): OperatorAct(.moment, Self.line(note))
    case .countFrom(let moment): OperatorAct(.mark, moment.map { "\(Int($0.milliseconds)) ms" } ?? "off")
    case .disconnect(.close(let code, let reason)):
      OperatorAct(.disconnect, "close \(code)\(reason.isEmpty ? "" : " \(reason)")")
    case .disconnect(.abort): OperatorAct(.disconnect, "abort")
    case .disconnect(.stall): OperatorAct(.disconnect, "stall")
    case .disconnect(.refuse(let duration)): OperatorAct(.disconnect, "refuse \(seconds(duration))")
    case .reconnect: OperatorAct(.reconnect)
    case .quit: OperatorAct(.quit)
    }
  }

  /// Bytes of a note that are kept.
  public static let longestNote = 500

  /// The note as one line: control characters and ends of lines become spaces, and it is cut to `longestNote`.
  private static func line(_ note: String) -> String {
    var text = ""
    for scalar in note.unicodeScalars {
      let isControl =
        scalar.properties.generalCategory == .control || "\u{2028}\u{2029}".unicodeScalars.contains(scalar)
      text.unicodeScalars.append(isControl ? " " : scalar)
    }
    return text.cut(toBytes: longestNote)
  }
}
