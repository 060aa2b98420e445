import Screen
import Timeline
import Wire

extension Pane {
  public static let mic = Pane("mic", digit: 1)
}

extension PaneSpec {
  static let mic = PaneSpec(
    .mic, in: .meters, place: PanePlace.waveform, state: PaneBox.of(MicPane.self),
    draw: { console, surface, rect, context in console.mic.draw(on: &surface, in: rect, context) },
    drawInside: { console, surface, rect, context in console.mic.drawInside(on: &surface, in: rect, context) })
}

extension MicPane: PaneState {
  init(_ setup: PaneSetup) { self.init() }
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool {
    if case .micFrame(let frame) = entry.event { observe(frame, at: entry.at) }
    return false
  }
}

extension PanePlace {
  /// A waveform: it needs less room than bars.
  static func waveform(in shape: LayoutShape, _ room: LayoutRoom) -> PanePlace {
    switch shape {
    case .stack: PanePlace(.meters, .flexible(), minimum: 24)
    case .bands: PanePlace(.meters, .flexible(weight: 5), minimum: 24)
    case .columns: PanePlace(.meters, .flexible(weight: 6, minimum: 3), minimum: 3)
    }
  }
}
