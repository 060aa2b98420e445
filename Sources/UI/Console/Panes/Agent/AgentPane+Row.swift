import Screen
import Timeline
import Wire

extension Pane {
  public static let agent = Pane("agent", digit: 2)
}

extension PaneSpec {
  static let agent = PaneSpec(
    .agent, in: .meters, place: PanePlace.waveform, state: PaneBox.of(AgentPane.self),
    draw: { console, surface, rect, context in console.agent.draw(on: &surface, in: rect, context) },
    drawInside: { console, surface, rect, context in console.agent.drawInside(on: &surface, in: rect, context) })
}

extension AgentPane: PaneState {
  init(_ setup: PaneSetup) { self.init() }
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool {
    if case .playout(let block) = entry.event { observe(block, at: entry.at) }
    if case .playoutChange(let change) = entry.event { observe(change, at: entry.at) }
    return false
  }
}
