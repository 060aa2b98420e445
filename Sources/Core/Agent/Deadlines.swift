import HeapModule
import Timeline

/// Who has something to do by itself, and when. However many there are, it takes little to note a change and to find the
/// next one: a server that looked at all its clients whenever one of them speaks would do little else.
public struct Deadlines<ID: Hashable & Sendable>: Sendable {
  private struct Entry: Comparable, Sendable {
    var at: Timestamp
    var id: ID
    static func < (a: Entry, b: Entry) -> Bool { a.at < b.at }
    static func == (a: Entry, b: Entry) -> Bool { a.at == b.at }
  }

  private var due: [ID: Timestamp] = [:]
  /// What is in `due`, and what was and is not any more.
  private var queue = Heap<Entry>()
  /// So many outdated entries are kept before the queue is made anew.
  private static var slack: Int { 64 }

  public init() {}

  /// Entries that are kept, outdated ones and all.
  var queueLength: Int { queue.count }

  /// - Parameter at: nil: it has nothing to do by itself any more.
  public mutating func set(_ at: Timestamp?, for id: ID) {
    guard due[id] != at else { return }
    due[id] = at
    if let at { queue.insert(Entry(at: at, id: id)) }
    if queue.count > 2 * due.count + Self.slack { queue = Heap(due.map { Entry(at: $0.value, id: $0.key) }) }
  }

  /// When the first of them has something to do.
  public mutating func next() -> Timestamp? {
    while let first = queue.min, due[first.id] != first.at { queue.removeMin() }
    return queue.min?.at
  }

  /// Takes out those whose time has come, the earliest first.
  public mutating func takeDue(at now: Timestamp) -> [ID] {
    var taken: [ID] = []
    while let at = next(), at <= now {
      let id = queue.removeMin().id
      due[id] = nil
      taken.append(id)
    }
    return taken
  }
}
