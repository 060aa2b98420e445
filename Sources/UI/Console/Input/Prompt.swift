/// The line at the bottom into which the operator types, and what it is for.
struct Prompt: Sendable, Equatable {
  /// What Enter does with the text.
  enum Purpose: String, Sendable, Hashable, CaseIterable {
    case command, filter, search, find
    /// The argument of a command.
    case say, text, config, send, close, refuse
    case sendBinary = "send-binary"
    case write

    /// The command that gets the text as its argument.
    var command: Command {
      switch self {
      case .command: .command
      case .filter: .filter
      case .search: .search
      case .find: .find
      case .say: .say
      case .text: .text
      case .config: .config
      case .send: .send
      case .sendBinary: .sendBinary
      case .write: .write
      case .close: .close
      case .refuse: .refuse
      }
    }

    /// What stands before the text, and what is said about it while it is empty.
    var label: String {
      switch self {
      case .command: ":"
      case .filter: "filter"
      case .search: "search"
      case .find: "find"
      case .say: "say"
      case .text: "text"
      case .config: "config"
      case .send: "send"
      case .sendBinary: "send binary"
      case .write: "write to file"
      case .close: "close code"
      case .refuse: "refuse for seconds"
      }
    }
    var placeholder: String {
      switch self {
      case .command: "a command; Tab completes"
      case .filter: "words, dir:in, type:audio, size>4k, /regex/, since:-30s; and or not ( ); empty shows all"
      case .search: "as a filter, but hides nothing; n and N go on"
      case .find: "a key, a name or a word"
      case .say: "what is spoken into the microphone path"
      case .text: "a typed turn that skips speech recognition"
      case .config: "a JSON object of settings"
      case .send: "a text message, sent as it is, valid or not"
      case .sendBinary: "hex:00FF, base64:AP8= or @FILE"
      case .write: "a path; ! in front replaces a file that is there"
      case .close: "1000 and an optional reason"
      case .refuse: "how long reconnects fail"
      }
    }
  }

  let purpose: Purpose
  var editor: LineEditor
  /// Why the text was not accepted.
  var fault: String?
  /// Where in the history the text comes from, counted back from the newest; nil for the operator's own.
  var historyPosition: Int?
  /// What was typed before the history was walked.
  var draft = ""

  init(_ purpose: Purpose, text: String = "") {
    self.purpose = purpose
    editor = LineEditor(text)
  }
}

/// What was entered before, by purpose, newest last, without neighbours that are equal.
struct PromptHistory: Sendable, Equatable {
  static let limit = 100
  private var lines: [Prompt.Purpose: [String]] = [:]

  mutating func add(_ text: String, to purpose: Prompt.Purpose) {
    guard !text.isEmpty, lines[purpose]?.last != text else { return }
    lines[purpose, default: []].append(text)
    if lines[purpose]!.count > Self.limit { lines[purpose]!.removeFirst() }
  }

  func last(_ purpose: Prompt.Purpose) -> String? { lines[purpose]?.last }

  /// Walks to older (+1) or newer (-1) lines.
  func walk(_ step: Int, _ prompt: inout Prompt) {
    let all = lines[prompt.purpose] ?? []
    let next = (prompt.historyPosition ?? -1) + step
    guard next < all.count, next >= -1 else { return }
    if prompt.historyPosition == nil { prompt.draft = prompt.editor.text }
    prompt.historyPosition = next < 0 ? nil : next
    prompt.editor.text = next < 0 ? prompt.draft : all[all.count - 1 - next]
    prompt.fault = nil
  }
}
