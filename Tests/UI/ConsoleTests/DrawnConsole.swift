import Screen
import Timeline

@testable import Console

/// A console with the policy that has it drawn, both on the timeline's clock.
struct DrawnConsole {
  var console: Console
  private var policy = WakePolicy(frame: nil)
  /// When all of it was drawn last.
  private(set) var lastWhole: Timestamp?

  init(_ console: Console) { self.console = console }

  /// Whether a frame would differ from the last one.
  var needsRedraw: Bool { policy.wantsFrame(console.demand, at: console.now) }

  /// When it is to be told the time next; nil when nothing changes by itself.
  var nextTick: Timestamp? { console.demand.isWorking ? console.now : policy.nextChange(console.demand) }

  mutating func update(_ input: ConsoleInput) { _ = console.update(input) }

  mutating func frame(_ size: Size) -> Surface {
    let extent = policy.extent(console.demand, at: console.now)
    let surface = console.frame(size, extent)
    noteDrawn(extent)
    return surface
  }

  mutating func markDrawn() {
    console.markDrawn()
    noteDrawn(.whole)
  }

  private mutating func noteDrawn(_ extent: FrameExtent) {
    policy.handle(.drawn(extent), at: console.now)
    if extent == .whole { lastWhole = console.now }
  }
}
