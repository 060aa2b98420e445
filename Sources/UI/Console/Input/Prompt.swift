/// The line at the bottom into which the operator types, and what it is for.
struct Prompt: Sendable, Equatable {
  /// What Enter does with the text.
  enum Purpose: Sendable, Hashable, CaseIterable {
    /// Runs it as a command.
    case command
    /// Filters the protocol log, searches the transcript, finds in the list of keys.
    case filter, search, find
    /// Marks a moment with it.
    case note

    /// What stands before the text, and what is said about it while it is empty.
    var label: String {
      switch self {
      case .command: ":"
      case .filter: "filter"
      case .search: "search"
      case .find: "find"
      case .note: "mark"
      }
    }
    var placeholder: String {
      switch self {
      case .command: "a command; Tab completes, ↑ brings back what was typed before"
      case .filter: "words, dir:in, type:audio, size>4k, /regex/, since:-30s; and or not ( ); empty shows all"
      case .search: "as a filter, but hides nothing; n and N go on"
      case .find: "a key, a name or a word"
      case .note: "a note about this moment; Enter marks it, without a note, too"
      }
    }
    /// The command line that such a text stands for begins with this; nil when it is not remembered.
    var stem: String? {
      switch self {
      case .command: ""
      case .filter: "filter "
      case .search: "search "
      case .find, .note: nil
      }
    }
  }

  /// The choices that Tab goes through, as they were when it began, and the one that stands in the line.
  struct Menu: Sendable, Equatable {
    let completion: Completion
    var selected: Int
  }

  let purpose: Purpose
  private(set) var editor: LineEditor
  /// The beginning that a key has put there: erasing to the beginning leaves it.
  private var prefilled = ""
  /// Why the text was not accepted.
  var fault: CommandFault?
  private(set) var menu: Menu?
  /// Where in the history the text comes from, counted back from the newest; nil for the operator's own.
  private(set) var historyPosition: Int?
  /// What was typed before the history was walked.
  private(set) var draft = ""

  init(_ purpose: Purpose, text: String = "", prefilled: String = "") {
    self.purpose = purpose
    self.prefilled = prefilled
    editor = LineEditor(prefilled + text)
  }

  var text: String { editor.text }

  /// Changes the text by hand: what was chosen or brought back becomes the operator's own.
  mutating func edit(_ change: (inout LineEditor) -> Void) {
    let before = editor.text
    change(&editor)
    (fault, menu) = (nil, nil)
    // Moving the cursor leaves the walk through the history where it is.
    if editor.text != before { historyPosition = nil }
  }

  /// Shows what is wrong. Where that is one character, the cursor goes there; a word is rather typed anew.
  mutating func refuse(_ fault: CommandFault) {
    self.fault = fault
    if let range = fault.range, range.count == 1 { editor.place(range.lowerBound) }
  }

  /// To the prefilled name if the cursor is behind it, else to the beginning.
  mutating func eraseToStart() {
    let kept = String(editor.before).hasPrefix(prefilled) ? prefilled : ""
    edit { editor in
      editor.deleteToStart()
      editor.insert(kept)
    }
  }

  /// Puts a choice in place of the word that it completes.
  mutating func show(_ menu: Menu) {
    replace(from: menu.completion.range.lowerBound, menu.completion.candidates[menu.selected].text)
    self.menu = menu
  }

  /// Puts text in the place of what stands between a character and the cursor.
  mutating func replace(from start: Int, _ text: String) {
    edit { $0.replace(start..<max(start, $0.cursor), text) }
  }

  /// Puts a line of the history there, or the draft back.
  mutating func show(_ line: String, from position: Int?) {
    if historyPosition == nil { draft = editor.text }
    edit { $0.text = line }
    historyPosition = position
  }
}
