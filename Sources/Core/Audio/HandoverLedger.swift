/// Remembers which of the frames handed over last were audio and which were padding, so that a flush can say how much
/// audio it took back. Of fixed size: the newest 64 handovers, far more than a device holds. A trivial value, for an audio
/// thread.
public struct HandoverLedger: Sendable {
  private static let capacity = 64
  private var real = InlineArray<64, Int>(repeating: 0)
  private var silence = InlineArray<64, Int>(repeating: 0)
  private var next = 0

  public init() {}

  /// Frames were handed over: audio first, then padding.
  public mutating func add(real realCount: Int, silence silenceCount: Int) {
    real[next % HandoverLedger.capacity] = realCount
    silence[next % HandoverLedger.capacity] = silenceCount
    next += 1
  }

  /// How many of the last `count` frames were audio.
  public func real(inLast count: Int) -> Int {
    var left = count
    var sum = 0
    var index = next - 1
    while left > 0, index >= max(0, next - HandoverLedger.capacity) {
      let slot = index % HandoverLedger.capacity
      left -= min(left, silence[slot])
      sum += min(left, real[slot])
      left -= min(left, real[slot])
      index -= 1
    }
    return sum
  }

  /// The device was begun anew: it holds nothing.
  public mutating func removeAll() { next = 0 }
}
