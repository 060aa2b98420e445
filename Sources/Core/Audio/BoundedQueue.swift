import DequeModule

/// A first-in, first-out queue that never grows beyond its capacity and counts what it had to drop.
public struct BoundedQueue<Element> {
  /// What happens to an element for which there is no room.
  public enum Overflow: Sendable {
    /// The oldest makes room: for live audio, where late is worthless.
    case dropOldest
    /// The newest is not taken: for what must stay in order without a gap.
    case refuseNewest
  }

  /// The most elements it holds; at least 1.
  public let capacity: Int
  public let overflow: Overflow
  /// Elements dropped or refused since the start.
  public private(set) var dropped = 0

  private var elements: Deque<Element> = []

  public init(capacity: Int, overflow: Overflow = .dropOldest) {
    self.capacity = Swift.max(capacity, 1)
    self.overflow = overflow
  }

  public var count: Int { elements.count }
  public var isEmpty: Bool { elements.isEmpty }
  public var isFull: Bool { elements.count >= capacity }
  /// The oldest element, which `popFirst` would take.
  public var first: Element? { elements.first }

  /// Adds an element at the end. Returns the element that was dropped for it: the oldest, itself, or none.
  @discardableResult
  public mutating func append(_ element: Element) -> Element? {
    guard isFull else {
      elements.append(element)
      return nil
    }
    dropped += 1
    guard overflow == .dropOldest else { return element }
    let oldest = elements.removeFirst()
    elements.append(element)
    return oldest
  }

  /// Takes the oldest element.
  public mutating func popFirst() -> Element? { elements.popFirst() }

  /// Empties the queue; this is not counted as dropping. Returns how many elements there were.
  @discardableResult
  public mutating func removeAll() -> Int {
    defer { elements.removeAll(keepingCapacity: true) }
    return elements.count
  }
}

extension BoundedQueue: Sendable where Element: Sendable {}
extension BoundedQueue: Sequence {
  /// From the oldest to the newest.
  public func makeIterator() -> Deque<Element>.Iterator { elements.makeIterator() }
}
