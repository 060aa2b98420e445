import Timeline
import Wire

/// What a pane keeps of one source of the timeline, beside what `Insight` knows of it.
protocol PaneState: Sendable {
  init(_ setup: PaneSetup)
  /// Takes an entry of the source, or of the program.
  /// - Parameter reading: what the entry's message means, if it is one.
  /// - Returns: whether a figure changed that the pane shows.
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool
}

extension PaneState {
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool { false }
}

/// What a pane is told when its state is made.
struct PaneSetup: Sendable {
  let options: ConsoleOptions
  /// Whose entries it will observe; nil for the first that there is.
  var source: SourceID?
}

/// A pane's state behind a reference, so that states of several types stand in one list. Only `PaneStates` has it.
class PaneBox: @unchecked Sendable {
  fileprivate var key: ObjectIdentifier { fatalError("made by PaneBox.of") }
  fileprivate func copy() -> PaneBox { fatalError("made by PaneBox.of") }
  fileprivate func observe(_ entry: Entry, _ reading: Reading?) -> Bool { fatalError("made by PaneBox.of") }

  static func of<State: PaneState>(_ state: State.Type) -> @Sendable (PaneSetup) -> PaneBox {
    { TypedPaneBox(State($0)) }
  }
}

private final class TypedPaneBox<State: PaneState>: PaneBox, @unchecked Sendable {
  var state: State
  init(_ state: State) { self.state = state }
  override var key: ObjectIdentifier { ObjectIdentifier(State.self) }
  override func copy() -> PaneBox { TypedPaneBox(state) }
  override func observe(_ entry: Entry, _ reading: Reading?) -> Bool { state.observe(entry, reading) }
}

/// The states of all panes of one source. A value: a box that is shared with a copy is copied before it is changed, so
/// that the boxes can be read on any thread (`@unchecked Sendable`).
struct PaneStates: Sendable {
  private var boxes: [PaneBox]
  private let places: [ObjectIdentifier: Int]

  init(_ table: PaneTable, _ setup: PaneSetup) {
    boxes = table.rows.compactMap { $0.makeState?(setup) }
    places = Dictionary(boxes.enumerated().map { ($1.key, $0) }) { first, _ in first }
  }

  /// Shows an entry to all of them.
  /// - Returns: whether a figure changed.
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool {
    var hasChanged = false
    for i in boxes.indices {
      makeOwn(i)
      if boxes[i].observe(entry, reading) { hasChanged = true }
    }
    return hasChanged
  }

  /// The state of this type. The table has a row that makes it.
  subscript<State: PaneState>(_: State.Type) -> State {
    _read { yield typed(place(of: State.self), State.self).state }
    _modify {
      let i = place(of: State.self)
      makeOwn(i)
      yield &typed(i, State.self).state
    }
  }

  private func place<State: PaneState>(of: State.Type) -> Int {
    guard let i = places[ObjectIdentifier(State.self)] else { preconditionFailure("no pane keeps a \(State.self)") }
    return i
  }
  private func typed<State: PaneState>(_ i: Int, _: State.Type) -> TypedPaneBox<State> {
    unsafeDowncast(boxes[i], to: TypedPaneBox<State>.self)
  }
  private mutating func makeOwn(_ i: Int) { if !isKnownUniquelyReferenced(&boxes[i]) { boxes[i] = boxes[i].copy() } }
}
