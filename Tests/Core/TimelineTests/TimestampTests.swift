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

  @Test func durationsInUnits() {
    #expect(Duration.samples(320, rate: 16_000) == .milliseconds(20))
    #expect(Duration.samples(1, rate: 0) == .seconds(1))
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(Duration.milliseconds(-3).milliseconds == -3)
  }
}
