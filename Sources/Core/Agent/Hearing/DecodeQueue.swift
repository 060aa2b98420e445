/// In which order pieces of speech are decoded where one is decoded at a time.
///
/// Finals come first, in the order they were asked for, because somebody waits for an answer to each. Interims share what
/// is left: the client whose last interim is longest ago is next, so that nobody who speaks for long keeps another's words
/// off the screen. Bounded by its users: a client has one interim waiting at most, and finals take seconds of speech each.
public struct DecodeQueue: Sendable {
  /// A piece of speech of a client.
  public struct Ticket: Sendable, Hashable {
    public var client: Int
    public var job: Int
    public init(client: Int, job: Int) {
      self.client = client
      self.job = job
    }
  }

  private var finals: [Ticket] = []
  private var interims: [Ticket] = []
  /// When a client's interim was last served, by count.
  private var served: [Int: Int] = [:]
  private var count = 0

  public init() {}

  /// Pieces that wait.
  public var depth: Int { finals.count + interims.count }
  /// Pieces that a final which is asked for now has to wait for, beside the one that is being decoded.
  public var depthOfFinals: Int { finals.count }

  public mutating func add(_ ticket: Ticket, isFinal: Bool) {
    if isFinal { finals.append(ticket) } else { interims.append(ticket) }
  }

  /// Forgets a piece that waits.
  public mutating func withdraw(_ ticket: Ticket) {
    finals.removeAll { $0 == ticket }
    interims.removeAll { $0 == ticket }
  }

  /// Forgets a client and all that waits of it.
  public mutating func forget(client: Int) {
    finals.removeAll { $0.client == client }
    interims.removeAll { $0.client == client }
    served[client] = nil
  }

  /// The piece to be decoded next; it waits no more.
  public mutating func next() -> Ticket? {
    if !finals.isEmpty { return finals.removeFirst() }
    guard
      let index = interims.indices.min(by: { (served[interims[$0].client] ?? 0) < (served[interims[$1].client] ?? 0) })
    else { return nil }
    let ticket = interims.remove(at: index)
    count += 1
    served[ticket.client] = count
    return ticket
  }
}
