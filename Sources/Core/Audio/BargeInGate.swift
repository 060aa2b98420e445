import Timeline

/// Tells the operator's speech from what is left of the agent's own sound in the microphone.
///
/// It fires when the echo canceller's residual is above both -48 dBFS and the loudest far-end frame of the last 300 ms
/// minus 15 dB, in 4 of 5 frames of 20 ms. Measured on simulated open speakers, after the canceller's filter has
/// converged: 16 of 16 interruptions caught in 120 to 140 ms, no false one; not so with sound clocks 100 ppm apart. In
/// the first 2 s of far-end audio of a session the filter is still learning, and the gate is not armed.
public struct BargeInGate: Sendable {
  /// Far-end audio that passes before the gate is armed.
  public static let learningTime: Duration = .seconds(2)
  /// Of it, so much at the end in which the residual would not have opened the gate: the canceller has learnt. Where that
  /// does not happen, because it cannot or because the operator speaks, the gate is armed after the longest time.
  public static let quietTime: Duration = .milliseconds(400)
  public static let longestLearningTime: Duration = .seconds(6)
  /// Residual against the far end's recent maximum, and its least level, both in dB.
  public static let marginDB = -15.0
  public static let floorDB = -48.0
  /// A far-end frame above this level, in dBFS, teaches the canceller.
  static let farFloorDB = -50.0

  /// Samples a second.
  public let rate: Int
  /// Near-end speech is heard over the far end, as of the last frame.
  public private(set) var isOpen = false
  /// The last frame's residual and what it was held against, in dBFS.
  public private(set) var residualDB = Level.silenceDB
  public private(set) var thresholdDB = BargeInGate.floorDB
  /// Far-end audio heard so far.
  public private(set) var farHeard: Duration = .zero

  private var near: [Int16] = []
  private var far: [Int16] = []
  private var recentFarDB: [Double]
  private var nextFar = 0
  private var history: UInt8 = 0
  /// Far-end audio since the residual was loud last.
  private var quiet: Duration = .zero

  public init(rate: Int) {
    self.rate = max(rate, 50)
    recentFarDB = Array(repeating: Level.silenceDB, count: 15)
  }

  /// The canceller has had its time to learn.
  public private(set) var isArmed = false
  /// It is armed because the longest time has passed, not because the residual was quiet: the echo may open it.
  public private(set) var isUnsure = false

  /// The far end was heard within the last 300 ms, so that its echo may be in the residual.
  public var isFarHeard: Bool { (recentFarDB.max() ?? Level.silenceDB) > BargeInGate.farFloorDB }

  /// Looks at more audio, of any length.
  /// - Parameters:
  ///   - residual: what the echo canceller returned.
  ///   - far: what it was given as far end for the same samples; what is missing counts as silence.
  /// - Returns: true when speech over the far end began within these samples.
  public mutating func process(residual: [Int16], far newFar: [Int16]) -> Bool {
    process(residual: residual[...], far: newFar[...])
  }

  /// The same of parts of arrays.
  mutating func process(residual: ArraySlice<Int16>, far newFar: ArraySlice<Int16>) -> Bool {
    let frame = rate / 50
    near += residual
    far += newFar.prefix(residual.count)
    far += repeatElement(0, count: near.count - far.count)
    var hasFired = false
    var start = 0
    while near.count - start >= frame {
      let range = start..<start + frame
      if step(residual: Level(of: near[range]).rmsDB, far: Level(of: far[range]).rmsDB) { hasFired = true }
      start += frame
    }
    near.removeFirst(start)
    far.removeFirst(start)
    return hasFired
  }

  /// Closes the gate, as when a response ends; what was learnt stays.
  public mutating func close() {
    isOpen = false
    history = 0
  }

  /// Not yet: it is open again with the next frame that is as loud.
  public mutating func putOff() { isOpen = false }

  /// The canceller has to learn anew, as after a sound device was reopened: disarms the gate for as long.
  public mutating func relearn() {
    (farHeard, quiet, isArmed, isUnsure) = (.zero, .zero, false, false)
    close()
  }

  private mutating func step(residual: Double, far: Double) -> Bool {
    recentFarDB[nextFar] = far
    nextFar = (nextFar + 1) % recentFarDB.count
    let heard: Duration = far > BargeInGate.farFloorDB ? .milliseconds(20) : .zero
    farHeard += heard
    residualDB = residual
    thresholdDB = max((recentFarDB.max() ?? Level.silenceDB) + BargeInGate.marginDB, BargeInGate.floorDB)
    history = (history << 1 | (residual > thresholdDB ? 1 : 0)) & 0b11111
    guard isArmed else {
      quiet = history.nonzeroBitCount >= 3 ? .zero : quiet + heard
      let hasLearnt = quiet >= Self.quietTime
      isArmed = farHeard >= Self.learningTime && (hasLearnt || farHeard >= Self.longestLearningTime)
      isUnsure = isArmed && !hasLearnt
      return false
    }
    if isOpen {
      if history == 0 { isOpen = false }
      return false
    }
    isOpen = history.nonzeroBitCount >= 4
    return isOpen
  }
}
