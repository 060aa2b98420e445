import Timeline
import Wire

/// What a pane keeps of one source of the timeline, beside what `Insight` knows of it.
protocol PaneState: Sendable {
  init(_ setup: PaneSetup)
  /// Takes an entry of the source, or of the program.
  /// - Parameter reading: what the entry's message means, if it is one.
  /// - Returns: whether a figure changed that the pane shows.
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool
  /// Takes what entries have made of it at another moment of a recording, and keeps what the operator has chosen.
  mutating func takeReadings(of other: Self)
}

extension PaneState {
  /// All of it follows from entries.
  mutating func takeReadings(of other: Self) { self = other }
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
  fileprivate func takeReadings(of other: PaneBox) { fatalError("made by PaneBox.of") }

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
  override func takeReadings(of other: PaneBox) {
    if other.key == key { state.takeReadings(of: unsafeDowncast(other, to: TypedPaneBox<State>.self).state) }
  }
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

  /// Takes what entries have made of the same panes at another moment, and keeps what the operator has chosen.
  mutating func takeReadings(of other: PaneStates) {
    for (i, box) in zip(boxes.indices, other.boxes) {
      makeOwn(i)
      boxes[i].takeReadings(of: box)
    }
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
