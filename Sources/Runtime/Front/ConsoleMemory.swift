import Console
import Store
import Timeline

/// Keeps how the operator has the console, from one run to the next.
public struct ConsoleMemory {
  private let file: ConsoleStateFile?
  private var written: ConsoleState?
  /// What `written` was made of.
  private var kept: (arrangement: PaneArrangement, theme: String?)?
  private var lastWrite = Timestamp(nanoseconds: -1_000_000_000)
  private var hasComplained = false
  /// The theme chosen in the program, this time or before.
  public private(set) var theme: String?
  /// The panes as they were; the usual ones when nothing is remembered.
  public private(set) var arrangement = PaneArrangement()
  /// What was wrong with the file, for the operator to read.
  public private(set) var remark: String?

  /// Reads what is remembered. A file that cannot be read costs the memory and nothing else.
  /// - Parameter path: nil where there is no home; then nothing is kept.
  public init(path: String?) {
    file = path.map { ConsoleStateFile(path: $0) }
    // Until something is changed there is nothing to write.
    written = Self.state(arrangement, theme: nil)
    do {
      guard let state = try file?.read() else { return }
      (written, theme) = (state, state.theme)
      arrangement = PaneArrangement(
        open: Set(state.panes.compactMap(Pane.init(title:))), focus: Pane(title: state.focus) ?? .log,
        isZoomed: state.isZoomed, preset: state.preset, sizes: PaneSizes(state.sizes))
    } catch {
      remark = "\(error)"
    }
  }

  mutating func choose(theme: String) { self.theme = theme }

  /// Writes what has changed, no more than once a second, so that a divider can be dragged without a file for each step.
  /// - Returns: the first failure, in words.
  mutating func keep(_ arrangement: PaneArrangement, at now: Timestamp, isLast: Bool = false) -> String? {
    guard let file, isLast || now - lastWrite >= .seconds(1) else { return nil }
    // Asked at each wake-up, and nearly always nothing has changed.
    if let kept, kept.arrangement == arrangement, kept.theme == theme { return nil }
    kept = (arrangement, theme)
    let state = Self.state(arrangement, theme: theme)
    guard state != written else { return nil }
    (written, lastWrite) = (state, now)
    do {
      try file.write(state)
    } catch {
      defer { hasComplained = true }
      return hasComplained ? nil : "the layout is not remembered: \(error)"
    }
    return nil
  }

  private static func state(_ arrangement: PaneArrangement, theme: String?) -> ConsoleState {
    ConsoleState(
      panes: arrangement.open.sorted { $0.digit < $1.digit }.map(\.title), focus: arrangement.focus.title,
      isZoomed: arrangement.isZoomed, preset: arrangement.preset, sizes: arrangement.sizes.shares, theme: theme)
  }
}
