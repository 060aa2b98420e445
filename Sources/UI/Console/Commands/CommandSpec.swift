import Screen
import Session

/// What a command does to the console.
/// - Returns: what is to be done outside it.
/// - Throws: why it cannot be done, in words; places are those in the argument.
typealias CommandDeed = @Sendable (inout Console, CommandInput) throws(CommandFault) -> [ConsoleEffect]

/// What a command is called with.
struct CommandInput: Sendable {
  /// The arguments, checked.
  let values: ArgumentValues
  /// A `!` follows the name, as in `write! FILE`.
  var insists = false
  /// The argument comes from the line that asked for it, so an empty one is an answer, too.
  var isAnswer = false

  /// The nth argument; nil when it was left out.
  subscript(_ index: Int) -> String? { values[index] }
  func number(_ index: Int) -> Int? { values.number(index) }
  /// The first argument; empty when it was left out.
  var text: String { values[0] ?? "" }
}

/// One row of the table of commands: all that is known of a command, and all that it does.
public struct CommandSpec: Sendable {
  /// A key that means the command in some modes, with the argument it gives.
  public struct Binding: Sendable {
    public let key: KeyPress
    public let modes: Set<Mode>
    public let argument: String
  }
  /// A chapter of the help.
  public enum Section: String, Sendable, CaseIterable {
    case session = "Session"
    case disconnecting = "Disconnecting"
    case panes = "Panes"
    case reading = "Reading"
    case recording = "Recording"
    case program = "Program"
    case line = "Input line"
    case editor = "Message editor"
  }

  public let command: Command
  public let section: Section
  /// The keys, the first being the one that is shown.
  public let bindings: [Binding]
  public let arguments: [Argument]
  /// One or two words for the hints.
  public let label: String
  /// A sentence for the help.
  public let help: String
  /// The modes in whose hints it appears.
  public let hintedIn: Set<Mode>
  /// What the port must be able to do; none for what is about the screen.
  public let needs: Powers
  /// A `!` may follow its name.
  let canInsist: Bool
  /// Whether its hint is worth its place now.
  let isOffered: @Sendable (Console) -> Bool
  /// What the hint says in place of `label`: a switch that is on offers to be put off. Nil for `label`.
  let labelNow: @Sendable (Console) -> String?
  /// What it does, where nothing that lies over the panes, and not the pane with the focus, gives it another meaning
  /// (`Console.deed`).
  let run: CommandDeed

  /// - Parameters:
  ///   - hinted: nil for the panes' hints, and for none in the chapter of the input line.
  ///   - run: `inModesOnly` for what means something in certain modes only (`ModeDeeds`).
  init(
    _ command: Command, _ section: Section, _ bindings: [Binding], _ label: String, _ help: String,
    _ needs: Powers = [], hinted: Set<Mode>? = nil, argument: [Argument] = [], canInsist: Bool = false,
    offered: @escaping @Sendable (Console) -> Bool = { _ in true },
    labelled: @escaping @Sendable (Console) -> String? = { _ in nil },
    run: @escaping CommandDeed
  ) {
    self.command = command
    self.section = section
    self.bindings = bindings
    arguments = argument
    self.label = label
    self.help = help
    hintedIn = hinted ?? (section == .line ? [] : [.panes])
    self.needs = needs
    self.canInsist = canInsist
    isOffered = offered
    labelNow = labelled
    self.run = run
  }

  /// It does nothing where no mode gives it a meaning.
  static let inModesOnly: CommandDeed = { _, _ in [] }

  /// Whether the `:` line takes it.
  public var isTypeable: Bool { section != .line && section != .editor && command != .command && command != .palette }
  /// It edits what is being typed, so there is nothing for it to do elsewhere.
  var isEditing: Bool { section == .line || section == .editor }
  /// The syntax of all arguments, as in `CODE [REASON]`; empty when there are none.
  public var syntax: String { arguments.map(\.syntax).joined(separator: " ") }
  /// Called without arguments, it has to ask for some.
  var asksForArguments: Bool { arguments.first.map { !$0.isOptional } ?? false }
}

// Making rows.
extension CommandSpec.Binding {
  static func on(_ character: Character, _ modes: Set<Mode> = [.panes], _ argument: String = "") -> Self {
    Self(key: KeyPress(.char(character)), modes: modes, argument: argument)
  }
  static func on(_ code: Key.Code, _ modes: Set<Mode>) -> Self { on(Key(code), modes) }
  static func on(_ key: Key, _ modes: Set<Mode>) -> Self { Self(key: KeyPress(key), modes: modes, argument: "") }
}

extension Set<Mode> {
  /// Where one reads, and the keys move a cursor or a page.
  static let reader: Set<Mode> = [.panes, .message, .themes, .help, .figures]
  static let mover = reader.union([.disconnect])
  /// Where one types.
  static let typing = Set(Mode.allCases.filter(\.isTyping))
  /// What is typed into, and has rows to move over.
  static let lists: Set<Mode> = [.palette, .form, .editor]
  static let all = Set(Mode.allCases)
}
