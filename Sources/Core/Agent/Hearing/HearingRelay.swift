import Timeline

/// Who hears a client: a service, or an engine of this machine while the service fails.
///
/// The audio of a turn is kept until its words were told, so that a turn in which the service fails is heard all the same.
/// The service is tried again after a while, and hears again from the next speech on, once it is there.
public struct HearingRelay: Sendable {
  /// Who hears.
  public enum Ear: Sendable {
    case service, substitute
  }
  /// What the substitute is to do.
  public enum Order: Sendable, Equatable {
    /// 16 kHz mono.
    case hear([Int16], TurnID)
    case end(TurnID)
    case discard(TurnID)
  }
  /// Why the service cannot hear.
  public struct Failure: Error, Equatable {
    public var reason: String
    /// It asks to be left alone for so long.
    public var retryAfter: Duration?
    /// To try again soon cannot help: a key or a name is wrong.
    public var isPermanent: Bool
    public init(_ reason: String, retryAfter: Duration? = nil, isPermanent: Bool = false) {
      self.reason = reason
      self.retryAfter = retryAfter
      self.isPermanent = isPermanent
    }
  }

  private struct Kept {
    var turn: TurnID
    var samples: [Int16] = []
    var hasSpeech = false
    var isEnded = false
  }

  /// The most that is kept of a turn: an utterance is ended after 25 s.
  static let longestTurn = 30 * Transcribing.sampleRate
  /// The most that is kept before somebody speaks.
  public static let longestSilence = Transcribing.preRoll
  static let longestWait = Duration.seconds(300)

  public private(set) var ear = Ear.service
  /// Turns whose words the service owes, oldest first; the last one may be open.
  private var kept: [Kept] = []
  /// Turns whose words the substitute owes.
  private var owed: Set<TurnID> = []
  private var failures = 0
  private var retryAt: Timestamp?
  private var isServiceThere = false

  private let firstWait: Duration

  /// - Parameter firstWait: until the service is tried again; it doubles with each failure.
  public init(firstWait: Duration = .seconds(5)) { self.firstWait = firstWait }

  // MARK: What the client says

  /// Takes the next audio of a turn.
  /// - Parameters:
  ///   - speechBegins: the voice detector found a beginning in it.
  ///   - isSpeech: its decision at the end of the block.
  /// - Returns: what the substitute is to do. Whether the service is to hear it, `ear` tells.
  public mutating func heard(
    _ block: ArraySlice<Int16>, of turn: TurnID, speechBegins: Bool, isSpeech: Bool
  ) -> [Order] {
    var orders: [Order] = []
    if ear == .substitute, speechBegins, isServiceThere, owed.isEmpty {
      ear = .service
      kept = []
      orders.append(.discard(turn))
    }
    guard ear == .service else { return [.hear(Array(block), turn)] }
    keep(block, of: turn, speechBegins || isSpeech)
    return orders
  }

  private mutating func keep(_ block: ArraySlice<Int16>, of turn: TurnID, _ hasSpeech: Bool) {
    if kept.last?.turn != turn || kept.last?.isEnded == true {
      // A turn that was neither ended nor discarded is not wanted.
      if kept.last?.isEnded == false { kept.removeLast() }
      kept.append(Kept(turn: turn))
    }
    let last = kept.count - 1
    kept[last].samples.append(contentsOf: block)
    kept[last].hasSpeech = kept[last].hasSpeech || hasSpeech
    let limit = kept[last].hasSpeech ? Self.longestTurn : Self.longestSilence
    let excess = kept[last].samples.count - limit
    // Not block by block: each time everything moves.
    if excess > limit / 4 { kept[last].samples.removeFirst(excess) }
  }

  /// The turn's audio is complete.
  /// - Returns: what the substitute is to do; nothing where the service is to tell the words.
  public mutating func ended(_ turn: TurnID) -> [Order] {
    guard ear == .service else {
      owed.insert(turn)
      return [.end(turn)]
    }
    if let i = kept.lastIndex(where: { $0.turn == turn }) { kept[i].isEnded = true }
    return []
  }

  /// Forget the turn's audio.
  public mutating func discarded(_ turn: TurnID) -> [Order] {
    kept.removeAll { $0.turn == turn && !$0.isEnded }
    return ear == .service ? [] : [.discard(turn)]
  }

  /// The words of a turn were told.
  public mutating func told(_ turn: TurnID) {
    if ear == .service { failures = 0 }
    kept.removeAll { $0.turn == turn }
    owed.remove(turn)
  }

  // MARK: What becomes of the service

  /// The service has failed.
  /// - Returns: what the substitute is to do, that it may take over.
  public mutating func failed(_ failure: Failure, at now: Timestamp) -> [Order] {
    let wait = failure.isPermanent ? Self.longestWait : min(Self.longestWait, firstWait * (1 << min(failures, 8)))
    failures += 1
    isServiceThere = false
    retryAt = now + max(wait, min(failure.retryAfter ?? .zero, .seconds(3600)))
    guard ear == .service else { return [] }
    ear = .substitute
    defer { kept = [] }
    return kept.flatMap { turn -> [Order] in
      guard turn.isEnded else { return [.hear(turn.samples, turn.turn)] }
      owed.insert(turn.turn)
      return [.hear(turn.samples, turn.turn), .end(turn.turn)]
    }
  }

  /// When the service is to be tried again.
  public var deadline: Timestamp? { retryAt }

  /// Whether the service is to be tried now; then `failed` or `reached` follows.
  public mutating func tries(at now: Timestamp) -> Bool {
    guard let retryAt, now >= retryAt else { return false }
    self.retryAt = nil
    return true
  }

  /// The service that was tried again is there.
  public mutating func reached() { isServiceThere = true }
}
