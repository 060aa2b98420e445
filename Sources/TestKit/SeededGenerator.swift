/// A random number generator that gives the same numbers for the same seed: SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64
  public init(seed: UInt64) { state = seed }
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to below `limit`; 0 when the limit is not positive.
  public mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
  /// One of what must not be empty.
  public mutating func one<T>(of all: [T]) -> T { all[below(all.count)] }
}
