import Capture
import Insight
import Screen
import Session
import Timeline
import Wire

/// What a console is told once, before its first input.
public struct ConsoleOptions: Sendable {
  /// What the terminal can draw.
  public var glyphs: GlyphSet = .braille
  /// Whether it shows colours; without them, what only a colour says is said in letters too.
  public var hasColor = true
  /// Frames a second of meters and waveforms while there is something to hear.
  public var metersPerSecond = 30
  /// The theme in force, and all that can be chosen, in order.
  public var theme = "default"
  public var themes: [String] = ["default"]
  /// The user's own sets of panes, after the built-in ones.
  public var presets: [PanePreset] = []
  /// How the panes are at the start.
  public var arrangement = PaneArrangement()
  /// Seconds east of UTC, for clock times.
  public var utcOffsetSeconds = 0
  /// What can be done to what the entries come from.
  public var port = PortCard.session
  /// The program's name at the left end of the strip.
  public var title = "sidetone"
  /// How messages are read until a `sessionStarted` entry names a dialect.
  public var dialect: any Dialect = VoiceDialect()
  /// Where the name is looked up.
  public var dialects = DialectTable.builtIn
  /// What the config line holds when it is opened for the first time.
  public var configText = #"{"language": "en", "voice": "slt"}"#
  /// What each key does.
  public var keys = KeyMap.standard
  /// What the list of figures shows.
  public var figures = FigureTable.standard
  /// Ids of the linter's rules that are left out.
  public var silenced: Set<String> = []
  /// Command lines of former runs, the oldest first.
  public var history: [String] = []
  /// The operator's own messages, before those of the dialect.
  public var templates: [MessageTemplate] = []
  /// The most that may be remembered; the defaults suit a session of any length.
  public var limits = LogLimits()

  public init() {}
}

/// What has happened, as far as the console is concerned.
public enum ConsoleInput: Sendable {
  /// New timeline entries, in order.
  case entries([Entry])
  /// The operator did something at the terminal.
  case event(InputEvent)
  /// The time, on the timeline's clock. Wanted when `WakePolicy.isTickDue` says so, harmless at any other time.
  case tick(Timestamp)
  /// The operator's time, where it is another than the entries'; before a tick.
  case operatorTime(Timestamp)
  /// How the program itself is doing.
  case selfReport(SelfReport)
  /// How old the last entry is that was looked at, when more wait than can be looked at; nil when none do.
  case behind(Duration?)
  /// Something about the recording that is shown.
  case replay(ReplayNews)
  /// A theme was loaded, on `showTheme` or `setTheme`.
  case themeChanged(String)
  /// What is in a folder that was asked for by `list`.
  case listed(FolderListing)
  /// An effect was carried out; the text says what was done.
  case done(String)
  /// The themes that there are now, on `findThemes`.
  case themesFound([String])
  /// An effect could not be carried out; the text says what failed, where, and what to do.
  case failed(String)
  /// Something the operator should hear of once, but need not act on.
  case remarked(String)
}

/// What the console wants done. Orders.
public enum ConsoleEffect: Sendable, Equatable {
  /// Ask this of the port.
  case command(OperatorCommand)
  /// Ask this of whoever plays the recording.
  case replay(ReplayOrder)
  /// Show this place of the running session from its capture, or tell `failed`; its entries go on coming.
  case lookBack(to: ReplayPlace)
  /// The running session is shown as it is again: its capture is not played any longer.
  case goLive
  /// Tell by `listed` what is in a folder, given as it was typed: empty for the current one, or with a `/` at its end.
  case list(folder: String)
  /// Keep this command line for the next runs.
  case remember(String)
  /// Load and apply the theme of this name, then tell `themeChanged` or `failed`.
  case showTheme(String)
  /// The same, and remember it: the operator has chosen it.
  case setTheme(String)
  /// Look which themes there are, then tell `themesFound`: the operator may be writing one.
  case findThemes
  /// Put this text on the operator's clipboard (OSC 52). Already free of control characters except line feeds.
  case copy(String)
  /// Send the bytes of this file as a binary message, or tell `failed`.
  case sendFile(path: String)
  /// Write these bytes into a file, then tell `done` or `failed`. A file that is there is replaced only when `replaces`.
  case write(path: String, bytes: [UInt8], replaces: Bool)
  /// Draw everything anew, whatever the terminal is believed to show.
  case redraw
  /// Stop the process as Ctrl-Z would, with the terminal restored.
  case suspend
  case quit
}

/// What is in a folder.
public struct FolderListing: Sendable, Equatable {
  /// A file or a folder in it.
  public struct Item: Sendable, Equatable {
    public var name: String
    public var isFolder: Bool
    public var byteCount: Int
    public init(name: String, isFolder: Bool, byteCount: Int = 0) {
      self.name = name
      self.isFolder = isFolder
      self.byteCount = byteCount
    }
  }
  /// As it was asked for.
  public var folder: String
  /// By name; none when the folder cannot be read.
  public var items: [Item]
  public init(folder: String, items: [Item]) {
    self.folder = folder
    self.items = items
  }
}

/// How the console's own machinery is doing: a debugger debugs itself too.
public struct SelfReport: Sendable, Equatable {
  /// The last frame: `view` and output together, in milliseconds.
  public var frameMs: Double
  /// Cells that differed from the frame before.
  public var cellsChanged: Int
  /// Inputs that wait for the main thread.
  public var mailboxDepth: Int
  /// Entries that the main thread's mailbox had no room for, since the start.
  public var droppedEntries: Int
  /// The whole process, in percent of one core, over the last second.
  public var cpuPercent: Double?
  /// The capture of the running session; nil where there is none.
  public var capture: CaptureReport?
  public init(
    frameMs: Double, cellsChanged: Int, mailboxDepth: Int = 0, droppedEntries: Int = 0, cpuPercent: Double? = nil,
    capture: CaptureReport? = nil
  ) {
    self.capture = capture
    self.frameMs = frameMs
    self.cellsChanged = cellsChanged
    self.mailboxDepth = mailboxDepth
    self.droppedEntries = droppedEntries
    self.cpuPercent = cpuPercent
  }
}

/// How much of the protocol log is remembered.
public struct LogLimits: Sendable, Equatable {
  /// Rows; the oldest are forgotten.
  public var rows = 1_000_000
  /// Bytes of the rows' own texts; the oldest are cut to a few words. A million rows of usual texts need as much.
  public var textBytes = 48 << 20
  /// Bytes of whole payloads; the oldest are forgotten while their rows stay. Audio both ways fills it in eight minutes.
  public var payloadBytes = 16 << 20
  /// Bytes kept of one payload.
  public var onePayloadBytes = 4 << 20
  public init() {}
}
