import Filter
import Timeline

/// A message to be filtered, or another entry when it has no direction.
struct Sample: FilterSubject {
  var at = Timestamp(milliseconds: 1000)
  var lastAt = Timestamp(milliseconds: 1000)
  var way: Way? = .toClient
  var kind = FilterKind.text
  var link: LinkID? = LinkID(1)
  var source = SourceID.first
  var sourceName = "client"
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
