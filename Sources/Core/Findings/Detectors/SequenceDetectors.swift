import Timeline
import Wire

/// Follows sequence numbers one way. A sender may begin again at 0 or 1.
struct SequenceFollower: Sendable {
  enum Step: Equatable {
    case inOrder, gap(Int), back
  }
  private(set) var last: (index: Int, number: Int)?

  mutating func next(_ number: Int, at index: Int) -> Step {
    guard let last else {
      self.last = (index, number)
      return .inOrder
    }
    // A late one does not move the mark back.
    if number <= last.number, number > 1 { return .back }
    self.last = (index, number)
    if number <= last.number { return .inOrder }
    // A peer may send any number.
    let missing = number.subtracting(last.number) - 1
    return missing == 0 ? .inOrder : .gap(missing)
  }
}

/// Follows both ways of a connection.
struct BothWays: Sendable {
  private var received = SequenceFollower()
  private var sent = SequenceFollower()

  /// What a message's number says, and the entry of the one before; nil without a number.
  mutating func step(_ read: ReadEntry) -> (step: SequenceFollower.Step, before: Int?, isSent: Bool)? {
    if let change = read.connection {
      if change.state == .open { self = BothWays() }
      return nil
    }
    guard let number = read.audio?.sequence, let message = read.message else { return nil }
    if message.way == .toServer {
      let before = sent.last?.index
      return (sent.next(number, at: read.index), before, true)
    }
    let before = received.last?.index
    return (received.next(number, at: read.index), before, false)
  }
}

/// Sequence numbers are left out.
struct SequenceGap: Detector {
  static let interests: Interests = [.audioReceived, .audioSent, .connection]
  private var numbers = BothWays()

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let (step, before, isSent) = numbers.step(read), case .gap(let count) = step else { return nil }
    return Evidence(
      [before, read.index],
      "\(count) audio message\(count == 1 ? "" : "s") missing \(isSent ? "to" : "from") the server")
  }
}

/// A sequence number that is not higher than the one before it.
struct SequenceReordered: Detector {
  static let interests: Interests = [.audioReceived, .audioSent, .connection]
  private var numbers = BothWays()

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let (step, before, isSent) = numbers.step(read), step == .back, let number = read.audio?.sequence
    else { return nil }
    return Evidence([before, read.index], "number \(number) came out of order \(isSent ? "to" : "from") the server")
  }
}
