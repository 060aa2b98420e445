import Insight
import Screen
import Session
import Timeline
import Wire

// Console: model, update, view. Pure: no terminal, no clock, no thread.
//
//   entries ──┐                          ┌─► [ConsoleEffect] ─► session, typed speech, theme, clipboard, quit
//   keys ─────┼─► Console.update(_:) ────┤
//   ticks ────┘        │                 └─► demand: what waits to be drawn, for WakePolicy
//                      ▼
//              panes (one folder each) ◄── readings: Insight and what else follows from the entries
//                      │
//   size ──────► Console.view(_:) ─► Surface of cells with roles ─► Terminal
//
// Commands/   the one table of commands, their arguments, their keys as configured, docs/keys.md
// Input/      the input line, its history, fuzzy matching
// Dialogs/    the palette, the list of keys, the form of settings
// Editor/     the message editor
// FigureList/ the list of figures
// Panes/      state and drawing of each pane
// Readings/   what follows from the entries, apart from what the operator has chosen
// Text/       JSON, hex dumps, figures
// Replay/     playing a recording: going to and fro in it, its bar
// Wake/       when to wake, how much to look at, when to draw
// View/       layout, strip, banner, hints and what lies over the panes

/// The console's whole state. A value: feed it inputs, carry out its effects, draw its view.
public struct Console: Sendable {
  public let options: ConsoleOptions
  /// What follows from the entries.
  var readings: ConsoleReadings

  /// The latest moment heard of, from ticks and entries.
  var now = Timestamp.zero
  /// The operator's time, where it is another than the entries': a recording may stand still.
  var operatorNow: Timestamp?
  /// The terminal's size, for scrolling and clicks; the view takes its own.
  var size = Size(width: 80, height: 24)
  var theme: String
  /// All that can be chosen, by name.
  var themes: [String]

  var openPanes: Set<Pane>
  var focus: Pane
  var isZoomed: Bool
  /// The name of the preset chosen last.
  var preset: String
  var paneSizes: PaneSizes
  var mouse = MouseState()

  /// What lies over the panes, the uppermost last.
  var overlays: [Overlay] = [] {
    didSet {
      // Whatever puts an opened message away lets the log go on, if it was stopped for that.
      if let message = Overlay.message(in: oldValue), message.resumesFollowing, Overlay.message(in: overlays) == nil {
        log.follow()
      }
    }
  }
  var prompt: Prompt?
  var history: PromptHistory
  /// What is in the folder that was last looked into, and the one whose names are on their way.
  var listing: FolderListing?
  var askedFolder: String?
  /// Messages sent from the editor, newest last; and what was left unsent.
  var sentMessages: [MessageEditor.Sent] = []
  var unsentMessage: MessageEditor.Sent?

  /// When recorded audio was last asked for: what the session says then is told.
  var listenedAt: Timestamp?

  var flash: Flash?
  /// What went wrong up to this entry was put away.
  var dismissed = -1
  /// The recording that is shown; nil for what happens now.
  var replay: ReplayPanel?
  /// What is known of a running session while the panes show its past; nil while they show it as it is.
  var present: Present?
  var redraw = RedrawState()
  /// How far the panes are behind what happens, when that is worth a word.
  var delay: Duration?
  /// The moment that a note is being typed about.
  var notedMoment: Timestamp?
  /// How the capture of the running session goes.
  var captureReport: CaptureReport?
  /// The terminal has told that the operator looks at another window.
  var isAway = false

  public init(_ options: ConsoleOptions) {
    self.options = options
    readings = ConsoleReadings(options)
    theme = options.theme
    history = PromptHistory(options.history)
    themes = options.themes
    let arrangement = options.arrangement
    openPanes = arrangement.open.isEmpty ? Set(options.keys.table.panes.panes) : arrangement.open
    (focus, isZoomed) = (arrangement.focus, arrangement.isZoomed)
    (preset, paneSizes) = (arrangement.preset, arrangement.sizes)
    if !openPanes.contains(focus) { (focus, isZoomed) = (openPanes.min { $0.digit < $1.digit } ?? .log, false) }
  }

  /// Takes what has happened and says what is to be done about it.
  public mutating func update(_ input: ConsoleInput) -> [ConsoleEffect] {
    switch input {
    case .entries(let entries):
      if present == nil {
        for entry in entries { observe(entry) }
      } else {
        for entry in entries { present?.observe(entry) }
      }
      return []
    case .tick(let moment):
      advance(to: moment)
      return []
    case .operatorTime(let moment):
      operatorNow = moment
      return []
    case .event(let event):
      redraw.isUrgent = true
      let (filter, mark) = (log.store.filter.text, log.mark?.at)
      let effects = handle(event)
      return effects + acts(filterBefore: filter, markBefore: mark)
    case .selfReport(let report):
      // Shown with the next frame; a frame about frames would never end.
      buffers.observe(report)
      captureReport = report.capture
      return []
    case .replay(let news):
      observe(news)
      return []
    case .behind(let delay):
      fellBehind(delay)
      return []
    case .themeChanged(let name):
      redraw.isUrgent = true
      themeArrived(name)
      return []
    case .themesFound(let names):
      redraw.isUrgent = true
      themesFound(names)
      return []
    case .listed(let listing):
      redraw.isUrgent = true
      receive(listing)
      return []
    case .done(let text):
      tell(text)
      return []
    case .remarked(let text):
      tell(text, isWarning: true)
      return []
    case .failed(let text):
      redraw.isUrgent = true
      if themeFailed(text) { return [] }
      raise(Problem(severity: .error, source: "console", text: text, remedy: nil))
      return []
    }
  }

  /// What the keyboard is talking to.
  public var mode: Mode {
    if prompt != nil { return .line }
    switch overlay {
    case nil: return .panes
    case .message: return .message
    case .disconnect: return .disconnect
    case .themes: return .themes
    case .help: return .help
    case .palette: return .palette
    case .form: return .form
    case .figures: return .figures
    case .editor: return .editor
    }
  }

  /// What each key does.
  var keys: KeyMap { options.keys }
  /// The table of panes.
  var panes: PaneTable { options.keys.table.panes }
  /// How the operator calls a command, for sentences: its key, else its name.
  func call(_ command: Command) -> String { keys.call(command, glyphs: options.glyphs) }
}

/// Something that went wrong and stays on the screen until it is put away.
struct Problem: Sendable, Equatable {
  var severity: Notice.Severity
  var source: String
  var text: String
  var remedy: String?
  /// How many there were since the last one was put away.
  var count = 1
  /// The index of the entry that told of it; nil when none did.
  var entry: Int?
}

/// A short word to the operator, shown in place of the hints for a few seconds.
struct Flash: Sendable, Equatable {
  static let duration = Duration.seconds(4)
  var text: String
  var isWarning: Bool
  var until: Timestamp
}

extension Console {
  mutating func tell(_ text: String, isWarning: Bool = false) {
    flash = Flash(text: text, isWarning: isWarning, until: operatorTime + Flash.duration)
    redraw.isUrgent = true
  }

  mutating func raise(_ problem: Problem) { readings.raise(problem) }

  /// The time of clicks and of words to the operator.
  var operatorTime: Timestamp { operatorNow ?? now }

  /// The session takes commands.
  var isUsable: Bool {
    guard ended == nil else { return false }
    let state = drivenInsight.link.state
    return state == .ready || (state == .open && !drivenCard.needsReady)
  }

  /// What can be done to what is shown: nothing but to look, once the session has ended.
  ///
  /// A recording can be gone back in from its end.
  var powers: Powers { ended == nil ? port.powers : port.powers.intersection(.seek) }

  /// What can be done to what is shown.
  var port: PortCard { isInPast ? .past : options.port }

  /// Why a command cannot be carried out here; nil when it can.
  func lack(for spec: CommandSpec) -> String? {
    guard !powers.isSuperset(of: spec.needs) else { return nil }
    guard port.powers.isSuperset(of: spec.needs) else {
      let other = spec.needs.contains(.seek) ? PortCard.recording : .session
      let way =
        isInPast
        ? "; \(call(.follow)) returns to it"
        : canGoBack && spec.needs.contains(.seek) ? "; \(call(.lookBack)) goes back in it" : ""
      return "\(spec.command.rawValue) is for \(other.noun), and this is \(port.noun)\(way)"
    }
    return "\(spec.command.rawValue) is for \(PortCard.session.noun), and this one has ended; \(call(.quit)) quits"
  }

  var clock: WallTime {
    WallTime(wallClockMs: insight.start?.wallClockMilliseconds, utcOffsetSeconds: options.utcOffsetSeconds)
  }
}
