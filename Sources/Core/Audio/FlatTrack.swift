/// A stream of samples as the echo's detectors compare it: at a lower rate, and flattened by two first differences, so that
/// voices of the same pitch are not alike because of it.
struct FlatTrack: Sendable {
  /// The newest of them.
  private(set) var samples: [Float] = []
  private var rest: [Int16] = []
  private var previous: Float = 0
  private var previousDifference: Float = 0

  /// - Parameters:
  ///   - step: samples that become one.
  ///   - count: of those, as many are kept.
  mutating func add(_ new: ArraySlice<Int16>, step: Int, keeping count: Int) {
    rest += new
    var start = 0
    while rest.count - start >= step {
      var sum = 0
      for i in start..<start + step { sum += Int(rest[i]) }
      let mean = Float(sum) / Float(step)
      let difference = mean - 0.95 * previous
      samples.append(difference - 0.95 * previousDifference)
      (previous, previousDifference) = (mean, difference)
      start += step
    }
    rest.removeFirst(start)
    if samples.count > count { samples.removeFirst(samples.count - count) }
  }
}
