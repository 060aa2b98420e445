import Testing
import Timeline

@Suite struct TimestampTests {
  @Test func arithmetic() {
    let t = Timestamp(milliseconds: 1500)
    #expect(t + .milliseconds(250) == Timestamp(nanoseconds: 1_750_000_000))
    #expect(t - Timestamp(milliseconds: 500) == .seconds(1))
    #expect((t - .seconds(2)).milliseconds == -500)
    #expect(Timestamp.zero < t)
  }

  @Test func description() {
    #expect(Timestamp(milliseconds: 12_345.6).description == "12.345 s")
    #expect(Timestamp(milliseconds: 7).description == "0.007 s")
  }

  /// Moments come from files and peers, and may be anything.
  @Test func arithmeticSaturates() {
    let (first, last) = (Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max))
    #expect(last + .seconds(1) == last && first - .seconds(1) == first)
    #expect(last - .seconds(-1) == last && first + .seconds(-1) == first)
    #expect(last - first == .nanoseconds(Int64.max) && first - last == .nanoseconds(Int64.min))
    #expect(last + .seconds(Int64.max) == last && first + .seconds(Int64.max) == Timestamp(nanoseconds: -1))
    #expect(Timestamp(milliseconds: 9.3e12) == last && Timestamp(milliseconds: -1e300) == first)
    #expect(Timestamp(milliseconds: .infinity) == last && Timestamp(milliseconds: .nan) == .zero)
    #expect(last.description == "9223372036.854 s" && first.description == "-9223372036.854 s")
    var moment = last
    moment += .milliseconds(1)
    #expect(moment == last)
  }

  @Test(arguments: [
    (Int.max, 1, Duration.nanoseconds(Int64.max)), (.min, 1, .nanoseconds(Int64.min)), (.max, .max, .seconds(1)),
    (.min, .max, .seconds(-1)), (.max, 0, .nanoseconds(Int64.max)), (16_000, -5, .seconds(16_000)),
    (-16_000, 16_000, .seconds(-1)), (Int.max / 1_000_000_000 + 1, 1000, .nanoseconds(9_223_372_036_999_999)),
  ])
  func samplesOfAnyNumber(_ count: Int, _ rate: Int, _ duration: Duration) {
    let difference = (Duration.samples(count, rate: rate).nanoseconds).subtracting(duration.nanoseconds)
    // Beyond 2^53 nanoseconds a Double has no more digits.
    #expect(abs(difference) <= 1000_000, "\(Duration.samples(count, rate: rate))")
  }

  @Test func wholeNumbersSaturate() {
    #expect(Int.max.adding(1) == .max && Int.min.adding(-1) == .min && 1.adding(2) == 3)
    #expect(Int.min.subtracting(1) == .min && 0.subtracting(Int.min) == .max && (-1).subtracting(Int.max) == .min)
    #expect(Int(saturating: 1e300) == .max && Int(saturating: -.infinity) == .min && Int(saturating: .nan) == 0)
    #expect(Int(saturating: 9_223_372_036_854_775_807.0) == .max && Int(saturating: -2.9) == -2)
    #expect((-1).dividedDown(by: 10) == -1 && (-10).dividedDown(by: 10) == -1 && 19.dividedDown(by: 10) == 1)
    #expect(Duration.recorded(milliseconds: .nan) == .zero)
  }

  @Test func durationsInUnits() {
    #expect(Duration.samples(320, rate: 16_000) == .milliseconds(20))
    #expect(Duration.samples(1, rate: 0) == .seconds(1))
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(Duration.milliseconds(-3).milliseconds == -3)
  }
}
