import Timeline

/// Why a sound device cannot be used, in words for the operator.
public struct DeviceTrouble: Sendable, Equatable {
  public var text: String
  /// What to do about it.
  public var remedy: String
  /// False when looking again cannot help.
  public var isWorthRetrying: Bool

  public init(text: String, remedy: String, isWorthRetrying: Bool = true) {
    self.text = text
    self.remedy = remedy
    self.isWorthRetrying = isWorthRetrying
  }
}

/// Decides when a sound device is opened, how long to wait before it is looked for again, when it has to hold more, and
/// what is told of it.
///
///     looked ─► open ─┬─ opened ──► until its audio thread gives it back
///                     └─ refused ─► open again a second later, if that can help
///     returned ─┬─ it holds too little ─► open at once, with a longer buffer
///               ├─ it failed ───────────► as when it was refused
///               └─ the end has come ────► nothing
///
/// Many xruns in a row are told four times a second, with their number: one entry for each would bury everything else. The
/// drift of its clock is told once, when it is first known.
public struct DeviceUpkeep: Sendable {
  /// What has happened.
  public enum Event: Sendable, Equatable {
    /// What the device's audio thread has counted up to now.
    case looked(Counts)
    /// It could be opened.
    /// - Parameters:
    ///   - summary: its rate and shape, in words.
    ///   - standing: what to tell when it stands still later.
    case opened(summary: String, standing: DeviceTrouble)
    /// It could not be opened.
    case refused(DeviceTrouble)
    /// Its audio thread has given it back; it is closed.
    case returned(Ending)
  }

  /// What an audio thread has counted.
  public struct Counts: Sendable, Equatable {
    /// Xruns after which the stream went on, since the session's begin.
    public var xruns: Int
    /// The device's clock against ours, in parts per million; nil while it is not known.
    public var driftPPM: Double?
    /// The stream stands still, and is kept.
    public var isStanding: Bool
    /// The device that was opened last has given or taken samples.
    public var isMoving: Bool

    public init(xruns: Int = 0, driftPPM: Double? = nil, isStanding: Bool = false, isMoving: Bool = false) {
      self.xruns = xruns
      self.driftPPM = driftPPM
      self.isStanding = isStanding
      self.isMoving = isMoving
    }
  }

  /// Why an audio thread has let go of its device.
  public enum Ending: Sendable, Equatable {
    /// It was told to end.
    case wanted
    /// The sound server behind it takes more at once than its buffer holds.
    case holdsTooLittle
    case failed(DeviceTrouble)
  }

  /// What is to be done now, in order.
  public enum Order: Sendable, Equatable {
    /// Open it, and say how that went. `afresh`: the machine's devices may be other ones than before.
    case open(afresh: Bool)
    /// Ask for twice the buffer from now on.
    case lengthen
    case tell(DeviceChange.State, text: String, remedy: String? = nil)
  }

  /// How long until a device that is not there is looked for again.
  public static let retryInterval: Duration = .seconds(1)
  /// The least time between two reports of xruns.
  public static let xrunReportInterval: Duration = .milliseconds(250)

  private let role: DeviceChange.Role
  /// Nil: it is not looked for.
  private var nextAttempt: Timestamp?
  /// Of the device that is open.
  private var open: (summary: String, standing: DeviceTrouble)?
  private var news = DeviceNews()
  private var counts = Counts()
  private var xrunsTold = 0
  private var nextXrunReport: Timestamp
  private var hasToldDrift = false

  /// - Parameter now: it is opened with the first look from then on.
  public init(role: DeviceChange.Role, at now: Timestamp) {
    self.role = role
    nextAttempt = now
    nextXrunReport = now
  }

  /// When it wants to be told of the next look at the latest; nil: when something has happened.
  public var deadline: Timestamp? {
    let report = counts.xruns > xrunsTold ? nextXrunReport : nil
    guard let nextAttempt, let report else { return nextAttempt ?? report }
    return min(nextAttempt, report)
  }

  public mutating func handle(_ event: Event, at now: Timestamp) -> [Order] {
    switch event {
    case .looked(let counts): return look(counts, at: now)
    case .opened(let summary, let standing):
      open = (summary, standing)
      nextAttempt = nil
      return news.opened().map { [.tell($0, text: summary)] } ?? []
    case .refused(let trouble): return meet(trouble, at: now)
    case .returned(let ending):
      open = nil
      switch ending {
      case .wanted: return []
      case .holdsTooLittle:
        nextAttempt = now
        return [.lengthen]
      case .failed(let trouble): return meet(trouble, at: now)
      }
    }
  }

  private mutating func look(_ counts: Counts, at now: Timestamp) -> [Order] {
    self.counts = counts
    var orders: [Order] = []
    if counts.xruns > xrunsTold, now >= nextXrunReport { orders.append(xrunReport(at: now)) }
    if open != nil, !hasToldDrift, let drift = counts.driftPPM {
      hasToldDrift = true
      let ppm = Int(saturating: abs(drift).rounded())
      orders.append(.tell(.open, text: "its clock is \(ppm) ppm \(drift < 0 ? "slower" : "faster") than ours"))
    }
    if let open, counts.isStanding {
      let standing = open.standing
      if let state = news.troubled(by: standing.text) {
        orders.append(.tell(state, text: standing.text, remedy: standing.remedy))
      }
    } else if let open, counts.isMoving, let state = news.moved() {
      orders.append(.tell(state, text: open.summary))
    }
    if let attempt = nextAttempt, now >= attempt {
      nextAttempt = nil
      orders.append(.open(afresh: news.isInTrouble))
    }
    return orders
  }

  private mutating func xrunReport(at now: Timestamp) -> Order {
    let count = counts.xruns - xrunsTold
    let kind = role == .mic ? "overrun" : "underrun"
    xrunsTold = counts.xruns
    nextXrunReport = now + Self.xrunReportInterval
    return .tell(.xrun, text: count == 1 ? "\(kind), recovered" : "\(count) \(kind)s, recovered")
  }

  /// Tells a trouble if it is news, and looks for the device again if that can help.
  private mutating func meet(_ trouble: DeviceTrouble, at now: Timestamp) -> [Order] {
    nextAttempt = trouble.isWorthRetrying ? now + Self.retryInterval : nil
    let state = news.troubled(by: trouble.text, isFinal: !trouble.isWorthRetrying)
    return state.map { [.tell($0, text: trouble.text, remedy: trouble.remedy)] } ?? []
  }
}
