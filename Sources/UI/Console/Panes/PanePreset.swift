/// A set of panes for what one is doing, with their sizes.
public struct PanePreset: Sendable, Equatable {
  public var name: String
  public var panes: Set<Pane>
  /// Shares by a pane's title, or by `meters` for the band of meters; panes that are left out have their usual size.
  public var sizes: PaneSizes

  public init(name: String, panes: Set<Pane>, sizes: PaneSizes = PaneSizes()) {
    self.name = name
    self.panes = panes
    self.sizes = sizes
  }

  static func builtin(_ table: PaneTable) -> [PanePreset] {
    [PanePreset(name: "all", panes: Set(table.panes))] + some
  }
  private static let some = [
    PanePreset(name: "talk", panes: [.mic, .agent, .transcript]),
    PanePreset(name: "wire", panes: [.latency, .log, .buffers]),
    PanePreset(
      name: "check", panes: [.latency, .log, .findings], sizes: PaneSizes(["meters": 0.36, "findings": 0.28])),
  ]

  /// What is in it, in words.
  func meaning(among table: PaneTable) -> String {
    panes.count == table.panes.count
      ? "every pane" : panes.sorted { $0.digit < $1.digit }.map(\.title).joined(separator: ", ")
  }

  /// `1 2 4`: the digits of its panes.
  var digits: String { panes.map(\.digit).sorted().map(String.init).joined(separator: " ") }
}

/// How the operator has the panes: what is worth remembering from one run to the next.
public struct PaneArrangement: Sendable, Equatable {
  /// Empty for all.
  public var open: Set<Pane>
  public var focus: Pane
  public var isZoomed: Bool
  /// The preset that was chosen last, by name.
  public var preset: String
  public var sizes: PaneSizes

  public init(
    open: Set<Pane> = [], focus: Pane = .log, isZoomed: Bool = false, preset: String = "all",
    sizes: PaneSizes = PaneSizes()
  ) {
    self.open = open
    self.focus = focus
    self.isZoomed = isZoomed
    self.preset = preset
    self.sizes = sizes
  }
}

extension Console {
  /// The panes as they are now.
  public var arrangement: PaneArrangement {
    PaneArrangement(open: openPanes, focus: focus, isZoomed: isZoomed, preset: preset, sizes: paneSizes)
  }

  /// The built-in presets, then the user's; a user's preset of the same name takes the place of the built-in one.
  var presets: [PanePreset] {
    PanePreset.builtin(panes).filter { own in !options.presets.contains { $0.name == own.name } } + options.presets
  }
}
