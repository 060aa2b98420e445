import Filter
import Screen
import Wire

// What is typed: into the input line, the palette's query, a field of the form.
extension Console {
  /// Enter in the input line.
  mutating func acceptLine() -> [ConsoleEffect] {
    guard let line = prompt else { return [] }
    return accept(line)
  }

  /// What an editing key does to the text, wherever one types.
  mutating func edit(_ edit: TextEdit) -> [ConsoleEffect] {
    if mode == .editor {
      editMessage { $0.area.apply(edit) }
      return []
    }
    editTyped { $0.apply(edit) }
    return requestListing()
  }

  /// At the end of the line the dim rest is taken.
  mutating func moveRightOrTakeGhost() -> [ConsoleEffect] {
    guard prompt?.editor.after.isEmpty == true else { return edit(.right) }
    takeGhost()
    return requestListing()
  }

  /// A prefilled name is left where it is.
  mutating func eraseToStartOfLine() -> [ConsoleEffect] {
    prompt?.eraseToStart()
    return requestListing()
  }

  /// Backspace on an empty `:` line leaves it, as in pagers and editors.
  mutating func eraseBackOrLeave() -> [ConsoleEffect] {
    guard let line = prompt, line.editor.isEmpty, line.purpose == .command else { return edit(.eraseBack) }
    prompt = nil
    return []
  }

  /// Puts text at the cursor, wherever that is.
  mutating func typeText(_ text: String) {
    if mode == .editor { editMessage { $0.area.insert(text) } } else { editTyped { $0.insert(text) } }
  }

  /// Changes the line that is being typed, wherever that is.
  mutating func editTyped(_ change: (inout LineEditor) -> Void) {
    if prompt != nil {
      prompt?.edit(change)
      // What is found is shown while it is typed.
      if let line = prompt, line.purpose == .find { find(line.text) }
      return
    }
    switch overlay {
    case .palette(var palette):
      palette.edit(change)
      overlay = .palette(palette)
    case .form(var form):
      form.edit(change)
      overlay = .form(form)
    case nil, .message, .disconnect, .themes, .help, .editor, .figures: break
    }
  }

  /// Asks for the names in a folder when they would be offered and are not known.
  mutating func requestListing() -> [ConsoleEffect] {
    guard let folder = completion?.wantedFolder, folder != askedFolder else { return [] }
    askedFolder = folder
    return [.list(folder: folder)]
  }

  mutating func receive(_ listing: FolderListing) {
    self.listing = listing
    askedFolder = nil
  }

  /// Enter: runs what the line is for. A line with a fault stays open.
  private mutating func accept(_ line: Prompt) -> [ConsoleEffect] {
    let typed = line.text
    let text = typed.trimmed
    prompt = nil
    // As in shells, a space at the beginning keeps a line out of the history.
    let kept = typed.hasPrefix(" ") ? nil : history.add(text, to: line.purpose)
    do {
      return try carryOut(line, text) + (kept.map { [.remember($0)] } ?? [])
    } catch {
      prompt = line
      prompt?.refuse(error)
      return []
    }
  }

  private mutating func carryOut(_ line: Prompt, _ text: String) throws(CommandFault) -> [ConsoleEffect] {
    switch line.purpose {
    case .filter: return try perform(.filter, text, isAnswer: true)
    case .search: return try perform(.search, text, isAnswer: true)
    case .find:
      find(text)
      return []
    case .note: return try perform(.mark, text, isAnswer: true)
    case .command:
      guard !text.isEmpty else { return [] }
      let call = CommandCall(line.text)
      let spec = try call.spec(in: commands)
      guard !call.insists || spec.canInsist else {
        let sign = call.nameStart + call.name.count
        let others = commands.rows.filter(\.canInsist).map { "\($0.command.rawValue)!" }
        throw CommandFault(
          reason: "\(spec.command.rawValue) knows no !; only \(Words.list(others)) does", at: sign..<sign + 1)
      }
      do throws(CommandFault) {
        return try perform(spec.command, call.argument, insists: call.insists)
      } catch {
        throw error.moved(by: call.argument.isEmpty ? line.text.count : call.argumentStart)
      }
    }
  }

  // MARK: - Completion

  var known: KnownNames {
    KnownNames(
      themes: themes, theme: theme, presets: presets.map { Argument.Choice($0.name, $0.meaning(among: panes)) },
      panes: panes.panes.map(\.title),
      templates: messageTemplates.map(\.name), messages: knownMessages, configs: knownConfigs,
      types: log.store.names, sources: log.store.sources.all,
      followed: followedSources.map { log.store.sources[$0] }, listing: listing)
  }

  /// Longer ones are for the editor.
  private var knownMessages: [Argument.Choice] {
    messageTemplates.compactMap { template in
      guard case .text(let bytes) = template.message, (1...200).contains(bytes.count) else { return nil }
      return Argument.Choice(String(decoding: bytes, as: UTF8.self), template.name)
    }
  }

  /// What was sent last, and what could be.
  private var knownConfigs: [Argument.Choice] {
    let sent = settings.sent.isEmpty ? [] : [Argument.Choice(JSONValue.object(settings.sent).jsonText, "sent last")]
    return sent + [Argument.Choice(options.configText, "an example")]
  }

  /// What the word before the cursor could become; nil where nothing is completed.
  var completion: Completion? {
    guard let prompt else { return nil }
    if let menu = prompt.menu { return menu.completion }
    let text = String(prompt.editor.before)
    switch prompt.purpose {
    case .command: return Completion(of: text, in: commands, known: known)
    // The transcript is searched for words.
    case .filter, .search: return focus == .transcript ? nil : Completion(ofFilter: text, known: known)
    case .find, .note: return nil
    }
  }

  /// The rest of the likeliest line, shown dim behind the cursor: of the first choice, else of the history.
  var ghost: String? {
    guard let prompt, prompt.editor.after.isEmpty, !prompt.editor.isEmpty, prompt.menu == nil else { return nil }
    if let completion, let first = completion.candidates.first {
      let typed = prompt.text.dropFirst(completion.range.lowerBound)
      if !typed.isEmpty, first.text.hasPrefix(typed), first.text.count > typed.count {
        return String(first.text.dropFirst(typed.count))
      }
    }
    guard let stem = prompt.purpose.stem else { return nil }
    return history.continuation(of: stem + prompt.text).map { String($0.dropFirst(stem.count + prompt.text.count)) }
  }

  private mutating func takeGhost() {
    guard let ghost else { return }
    prompt?.edit { $0.insert(ghost) }
  }

  /// Tab: the only choice; else what all have in common; else one choice after the other.
  mutating func complete(_ step: Int) -> [ConsoleEffect] {
    completeWord(step)
    return requestListing()
  }

  private mutating func completeWord(_ step: Int) {
    guard let completion, let line = prompt else { return }
    let start = completion.range.lowerBound
    let count = completion.candidates.count
    if let menu = line.menu {
      prompt?.show(Prompt.Menu(completion: completion, selected: (menu.selected + step + count) % count))
      return
    }
    guard let only = completion.candidates.first else {
      // Names of files may be on their way.
      if completion.wantedFolder == nil { prompt?.fault = CommandFault(reason: "nothing to complete") }
      return
    }
    if count == 1 {
      prompt?.replace(from: start, only.text + (only.goesOn ? " " : ""))
    } else if completion.common.count > completion.range.count {
      prompt?.replace(from: start, completion.common)
    } else {
      prompt?.show(Prompt.Menu(completion: completion, selected: step > 0 ? 0 : count - 1))
    }
  }

  mutating func walkHistory(_ step: Int) -> [ConsoleEffect] {
    guard var line = prompt else { return [] }
    history.walk(step, &line)
    prompt = line
    return requestListing()
  }
}
