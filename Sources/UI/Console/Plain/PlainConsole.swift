import Insight
import Screen
import Spelling
import Timeline

// Plain: the console in words, for screen readers, pipes and terminals that can do nothing.
//
//   entries ──► PlainConsole.read ──► Narrator ──► pace ──► [PlainLine]
//   a typed line ──► PlainConsole.run ──► the console's own commands ──► [ConsoleEffect], [PlainLine]

/// One thing that happened, in words.
public struct PlainLine: Sendable, Equatable {
  /// When; nil for an answer to a typed line.
  public var at: Timestamp?
  /// Whose it is, for those who asked for colours.
  public var role: Role
  /// Free of control characters.
  public var text: String

  init(_ text: String, _ role: Role = .text, at: Timestamp? = nil) {
    self.at = at
    self.role = role
    self.text = CharacterWidth.printable(text)
  }
}

/// The console without a screen: what happens as lines of words, and what is typed as commands. A value, like the
/// console that it wraps; the runtime carries out its effects.
public struct PlainConsole: Sendable {
  private var console: Console
  private var narrator = Narrator()
  private var findings = FindingsNarrator()
  private var foundCount = 0
  /// Nil when all of it is said at once.
  private var pace: LinePace?
  /// Each line begins with the time of day.
  private var showsTimes: Bool

  /// - Parameter isPaced: lines come when they happened. Without, their times are said, and none is left out.
  public init(_ options: ConsoleOptions, isPaced: Bool = true) {
    console = Console(options)
    narrator.canReconnect = options.port.powers.contains(.drive)
    pace = isPaced ? LinePace() : nil
    showsTimes = !isPaced
  }

  public var insight: Insight { console.insight }

  /// The session has not come so far yet that commands would reach it.
  public var isConnecting: Bool {
    switch console.insight.link.state {
    case nil, .connecting: true
    case .open: !console.isUsable
    default: false
    }
  }

  /// Takes what has happened and says it. Levels, frames and depths are not said; what comes in a flood is counted.
  public mutating func read(_ entries: [Entry]) -> [PlainLine] {
    var lines: [PlainLine] = []
    for entry in entries {
      _ = console.update(.entries([entry]))
      var said = narrator.lines(for: entry, console.insight)
      let found = console.findings.counts.reduce(0) { $0 + $1.count }
      if found != foundCount {
        foundCount = found
        said += findings.lines(for: console.findings.list, at: entry.at)
      }
      lines += (pace?.admit(said, at: entry.at) ?? said).map(timed)
    }
    return lines
  }

  /// Says what was counted only, once the flood is over.
  public mutating func advance(to now: Timestamp) -> [PlainLine] { (pace?.admit([], at: now) ?? []).map(timed) }

  /// Says at the end what was counted only.
  public mutating func finish() -> [PlainLine] { pace?.finish() ?? [] }

  private func timed(_ line: PlainLine) -> PlainLine {
    guard showsTimes, let at = line.at else { return line }
    return PlainLine("\(console.clock.seconds(at)) \(line.text)", line.role, at: at)
  }
}

// Typed lines.
extension PlainConsole {
  /// What only a console without a screen has.
  enum Word: String, CaseIterable {
    case help, status, messages, times, wait

    var help: String {
      switch self {
      case .help: "this list"
      case .status: "how the session stands"
      case .messages: "on or off: say every message but audio, too"
      case .times: "on or off: begin each line with the time of day"
      case .wait: "carry out the next line when everything is answered and heard, or the recording is over"
      }
    }
  }

  /// The session's commands, and the one that ends it: what needs no screen.
  private var commands: [CommandSpec] {
    console.commands.rows.filter {
      let isForSession = $0.section == .session || $0.section == .disconnecting
      return (isForSession && $0.command != .edit) || $0.command == .quit
    }
  }

  /// Runs a line as it was typed, with or without the colon of the console's own command line.
  ///
  /// `wait` is the caller's: it knows when the session is idle.
  public mutating func run(_ line: String) -> (effects: [ConsoleEffect], lines: [PlainLine]) {
    let text = Self.trimmed(line)
    guard !text.isEmpty else { return ([], []) }
    let parts = text.split(separator: " ", maxSplits: 1)
    let name = String(parts[0])
    let argument = parts.count > 1 ? Self.trimmed(String(parts[1])) : ""
    if let word = Word(rawValue: name) { return ([], say(word, argument)) }
    guard let spec = commands.first(where: { $0.command.rawValue == name }) else {
      return ([], [PlainLine(unknown(name), .warning)])
    }
    let (effects, fault) = console.run(typed: spec, argument)
    return (effects, fault.map { [PlainLine($0, .warning)] } ?? [])
  }

  /// How the capture of the session goes, for who asks how the session stands.
  public mutating func note(_ capture: CaptureReport?) { console.captureReport = capture }

  /// What is said when an effect could not be carried out.
  public static func failed(_ text: String) -> [PlainLine] { [PlainLine(text, .warning)] }

  /// Whether the line is a command to the session, which it can take only when connected.
  public func isForSession(_ line: String) -> Bool {
    let name = Self.trimmed(line).prefix { $0 != " " }
    return commands.contains { !$0.needs.isEmpty && $0.command.rawValue == name }
  }

  /// Whether this line is the word `wait`.
  public static func isWait(_ line: String) -> Bool { trimmed(line) == Word.wait.rawValue }

  private mutating func say(_ word: Word, _ argument: String) -> [PlainLine] {
    switch word {
    case .help: return helpLines
    case .status:
      return (Narrator.status(console.insight) + (console.captureReport?.lines ?? [])).map { PlainLine($0) }
    case .messages: return turn(&narrator.saysMessages, argument, "messages")
    case .times: return turn(&showsTimes, argument, "times")
    case .wait: return []
    }
  }

  private func turn(_ flag: inout Bool, _ argument: String, _ name: String) -> [PlainLine] {
    switch argument {
    case "on": flag = true
    case "off": flag = false
    case "": flag.toggle()
    default: return [PlainLine("\(name) is on or off, not \(argument)", .warning)]
    }
    return [PlainLine("\(name) \(flag ? "on" : "off")", .good)]
  }

  private var helpLines: [PlainLine] {
    commands.filter { console.options.port.powers.isSuperset(of: $0.needs) }.map { spec in
      let call = spec.syntax.isEmpty ? spec.command.rawValue : "\(spec.command.rawValue) \(spec.syntax)"
      return PlainLine("\(call): \(spec.help)")
    } + Word.allCases.map { PlainLine("\($0.rawValue): \($0.help)") }
  }

  private func unknown(_ name: String) -> String {
    if console.commands[Command(name)] != nil { return "\(name) is about the screen, and there is none" }
    let names = commands.map(\.command.rawValue) + Word.allCases.map(\.rawValue)
    let hint = Spelling.question(Spelling.nearest(to: name, among: names), quote: "", otherwise: ";")
    return "there is no command \(name)\(hint) help lists them; to speak, type: say, and the words"
  }

  /// Without spaces around it and the colon before it.
  private static func trimmed(_ line: String) -> String {
    let inner = line.drop { $0.isWhitespace }
    let body = inner.first == ":" ? inner.dropFirst().drop { $0.isWhitespace } : inner
    return String(body[..<(body.lastIndex { !$0.isWhitespace }.map(body.index(after:)) ?? body.startIndex)])
  }
}

extension Console {
  /// Carries a command out where there is no screen to ask on.
  /// - Returns: what is to be done, and why not, in words.
  fileprivate mutating func run(typed spec: CommandSpec, _ argument: String) -> ([ConsoleEffect], String?) {
    defer {
      prompt = nil
      overlays = []
      flash = nil
    }
    do {
      let effects = try perform(spec.command, argument)
      if prompt != nil { return ([], "\(spec.command.rawValue) needs more: \(spec.command.rawValue) \(spec.syntax)") }
      // The form of settings needs a screen.
      if case .form = overlay { return ([], #"config needs more: a JSON object, as in config {"voice":"slt"}"#) }
      if case .disconnect = overlay {
        let ways = waysToDisconnect.map(\.command.rawValue).joined(separator: ", ")
        return ([], "say how to disconnect: \(ways)")
      }
      return (effects, nil)
    } catch {
      return ([], error.reason)
    }
  }
}
