import Timeline

/// Tells from levels alone whether what the microphone hears is the agent.
///
/// The loudness of the agent's audio, laid over that of the microphone some time later, goes up and down with it if the
/// one is an echo of the other. Bins of 20 ms; 32 of them are compared at delays of up to 200 ms, where the agent is not
/// silent: that both begin at once is no echo. A correlation (Pearson's, of levels in dB) of 0.9 in which both vary by more
/// than 4 dB counts.
public struct EchoWitness: Sendable {
  static let binNanoseconds: Int64 = 20_000_000
  static let comparedBins = 32
  static let delayBins = 11
  static let enough = 0.9
  /// Bins in which there has to be something to compare.
  static let leastBins = 24
  private static let quietDB: Float = -70
  private static let capacity = 64
  private static let silenceDB: Float = -80

  private var agent = Envelope()
  private var mic = Envelope()

  public init() {}

  /// A block of the agent's audio is heard from `start` on.
  public mutating func heard(rmsDB: Double, from start: Timestamp, lasting duration: Duration) {
    agent.set(Float(rmsDB), from: start.nanoseconds, to: (start + duration).nanoseconds)
  }

  /// A frame of the microphone, whose last sample was captured at `end`.
  public mutating func captured(rmsDB: Double, until end: Timestamp, lasting duration: Duration) {
    mic.set(Float(rmsDB), from: (end - duration).nanoseconds, to: end.nanoseconds)
  }

  /// The best correlation of the microphone's last 640 ms with the agent's audio before it; nil where one of them was
  /// silent or steady.
  public var correlation: Double? {
    guard let last = mic.last else { return nil }
    let near = mic.levels(from: last - Int64(Self.comparedBins) + 1, count: Self.comparedBins)
    var best: Double?
    for delay in 0..<Self.delayBins {
      let far = agent.levels(from: last - Int64(delay + Self.comparedBins) + 1, count: Self.comparedBins)
      guard let value = Self.correlation(near, far) else { continue }
      best = max(best ?? -1, value)
    }
    return best
  }

  /// What the microphone hears now is the agent.
  public var isEcho: Bool { correlation.map { $0 >= Self.enough } ?? false }

  private static func correlation(_ a: [Float], _ b: [Float]) -> Double? {
    let both = a.indices.filter { b[$0] > quietDB && a[$0] > silenceDB }
    guard both.count >= leastBins else { return nil }
    let count = Float(both.count)
    let (meanA, meanB) = (both.reduce(0) { $0 + a[$1] } / count, both.reduce(0) { $0 + b[$1] } / count)
    var (productSum, squaresA, squaresB): (Float, Float, Float) = (0, 0, 0)
    for i in both {
      let (x, y) = (a[i] - meanA, b[i] - meanB)
      productSum += x * y
      squaresA += x * x
      squaresB += y * y
    }
    // A level that hardly varies goes with anything.
    let least = 16 * count
    guard squaresA > least, squaresB > least else { return nil }
    return Double(productSum / (squaresA * squaresB).squareRoot())
  }

  /// Levels by bins of time, the last `capacity` of them.
  private struct Envelope: Sendable {
    private var levels = [Float](repeating: EchoWitness.silenceDB, count: EchoWitness.capacity)
    /// The number of the newest bin.
    private(set) var last: Int64?

    mutating func set(_ level: Float, from start: Int64, to end: Int64) {
      let first = start / EchoWitness.binNanoseconds
      // A bin belongs to the frame that covers its middle.
      let half = EchoWitness.binNanoseconds / 2
      let lower = start - first * EchoWitness.binNanoseconds > half ? first + 1 : first
      let upper = min(end.adding(half - 1) / EchoWitness.binNanoseconds, lower + Int64(EchoWitness.capacity))
      guard lower >= 0, upper > lower else { return }
      for bin in lower..<upper { put(max(level, EchoWitness.silenceDB), in: bin) }
    }

    private mutating func put(_ level: Float, in bin: Int64) {
      let capacity = Int64(EchoWitness.capacity)
      if let last, bin <= last {
        if bin > last - capacity { levels[Int(bin % capacity)] = level }
        return
      }
      // Between the frames there was silence.
      for skipped in max((last ?? bin) + 1, bin - capacity)..<max(bin, (last ?? bin) + 1) {
        levels[Int((skipped % capacity + capacity) % capacity)] = EchoWitness.silenceDB
      }
      levels[Int(bin % capacity)] = level
      last = bin
    }

    func levels(from first: Int64, count: Int) -> [Float] {
      let capacity = Int64(EchoWitness.capacity)
      let newest = last ?? -1
      return (first..<first + Int64(count)).map { bin in
        bin < 0 || bin > newest || bin <= newest - capacity ? EchoWitness.silenceDB : levels[Int(bin % capacity)]
      }
    }
  }
}
