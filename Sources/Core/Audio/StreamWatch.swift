import Timeline

/// Decides whether the stream of an open sound device moves, stands still for a while, or is lost.
///
///     samples ─────────────────────────► moves
///     none for a second ─┬─ of a card ─► lost: it is opened again
///                        └─ of a server ► stands: it is kept, and goes on as soon as its sink does
///     none for a second, and xruns all the time, after each of which the stream could be begun anew ─► lost
///
/// The last is what ALSA's plugin for PipeWire shows when its server has ended: 470 overruns a second, each of them followed
/// by a successful begin. Where our own thread is late, an xrun takes at least as long as the device's buffer: such a one
/// is not vain.
///
/// A trivial value, for an audio thread.
public struct StreamWatch: Sendable {
  public enum State: Sendable, Equatable { case moves, stands, lost }

  /// Without a sample for this long a stream does not move any more. A card gives a period each 10 ms.
  public static let patience: Duration = .seconds(1)
  /// The same for the new stream of a server: its sink may have rendered 2 s of silence ahead, which is heard before.
  public static let patienceAtBegin: Duration = .seconds(3)
  /// More vain xruns than that, with no sample between them, are no mishap.
  public static let vainXruns = 10
  /// Vain xruns that are followed by a new begin at once; after that there is a pause, so that no thread spins.
  static let promptXruns = 3
  public static let pauseBetweenXruns: Duration = .milliseconds(10)

  private let isServer: Bool
  private let buffer: Duration
  private var lastProgress: Timestamp
  private var begun: Timestamp
  private var hasMoved = false
  private var xrunsSince = 0
  private var vainSince = 0

  /// - Parameters:
  ///   - isServer: a sound server is behind the device.
  ///   - buffer: how much sound the device holds.
  public init(isServer: Bool, buffer: Duration, at now: Timestamp) {
    self.isServer = isServer
    self.buffer = buffer
    lastProgress = now
    begun = now
  }

  /// The stream is begun, or begun anew.
  public mutating func begin(at now: Timestamp) {
    begun = now
    hasMoved = false
  }

  /// Samples have come, or have been played.
  /// - Returns: xruns since the last ones: the stream has recovered from so many.
  public mutating func move(at now: Timestamp) -> Int {
    lastProgress = now
    hasMoved = true
    defer { (xrunsSince, vainSince) = (0, 0) }
    return xrunsSince
  }

  /// The device has overrun or underrun.
  /// - Returns: how long to wait before the stream is begun anew.
  public mutating func xrun(at now: Timestamp) -> Duration {
    xrunsSince += 1
    if !hasMoved, now - begun < buffer { vainSince += 1 }
    return vainSince > Self.promptXruns ? Self.pauseBetweenXruns : .zero
  }

  public func state(at now: Timestamp) -> State {
    let still = now - lastProgress
    guard still > Self.patience else { return .moves }
    if !isServer || vainSince > Self.vainXruns { return .lost }
    return still > (hasMoved ? Self.patience : Self.patienceAtBegin) ? .stands : .moves
  }
}

/// Notices a sink that wants more at once than the device holds: what is missing it makes up for with silence.
///
/// PulseAudio's tunnel takes 50 ms each 50 ms, as far as it can: of a device of 40 ms first those, and 10 ms as soon as they are
/// there. 10 ms of silence went after each 40 ms of sound. A thread that is late finds the device empty, too, but not more
/// often than each third time.
///
/// A trivial value, for an audio thread.
public struct TakeWatch: Sendable {
  /// So many more times the device was emptied than half the times it was not.
  static let enough = 5
  private let buffer: Int
  private let period: Int
  private var score = 0

  /// What the device holds, and in which portions it is filled, in frames.
  public init(buffer: Int, period: Int) {
    self.buffer = buffer
    self.period = period
  }

  /// - Parameter frames: taken at once.
  /// - Returns: whether the device has to hold more.
  public mutating func take(_ frames: Int) -> Bool {
    score = max(0, score + (frames > buffer - period / 2 ? 2 : -1))
    return score >= 2 * Self.enough
  }
}
