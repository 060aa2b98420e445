import Filter
import Timeline

/// A message to be filtered, or another entry when it has no direction.
struct Sample: FilterSubject {
  var at = Timestamp(milliseconds: 1000)
  var lastAt = Timestamp(milliseconds: 1000)
  var way: Way? = .toClient
  var kind = FilterKind.text
  var link: LinkID? = LinkID(1)
  var byteCount: Int? = 100
  var type = "transcript_final"
  var texts = ["what time is it in Berlin"]

  func withType(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool { Array(type.utf8).withUnsafeBufferPointer(body) }
  func anyText(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    withType(body) || texts.contains { Array($0.utf8).withUnsafeBufferPointer(body) }
  }

  func passes(_ text: String, now: Timestamp = Timestamp(milliseconds: 60_000), wallClockMs: Int64? = nil) throws
    -> Bool
  {
    var matcher = FilterMatcher(try Filter(parsing: text), FilterContext(now: now, wallClockMs: wallClockMs))
    return matcher.matches(self)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same walk every time.
struct Walk {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
  mutating func one<T>(of all: [T]) -> T { all[below(all.count)] }
}
