import Filter
import Testing
import Timeline

struct MatchingTests {
  @Test(arguments: [
    ("dir:in", true), ("dir:out", false), ("kind:text", true), ("kind:event", false), ("type:transcript_final", true),
    ("type:TRANSCRIPT_*", true), ("type:*final", true), ("type:*scr*fin*", true), ("type:transcript", false),
    ("type:x,*l", true), ("type:*", true), ("size:100", true), ("size>99", true), ("size>100", false),
    ("size<=100", true), ("size:50..150", true), ("size:101..", false), ("conn:1", true), ("conn>1", false),
    ("source:client", true), ("source:CL*", true), ("source:1", true), ("source:2,3", false), ("source!=1", false),
    ("berlin", true), ("BERLIN", true), ("\"time is it\"", true), ("final", true), ("hamburg", false),
    ("/t.me/", true), ("/^what/", true), ("/berlin/", false), ("/berlin/i", true), ("/it$/", false),
    ("since:1s", true), ("since:1001ms", false), ("until:1s", true), ("until:999ms", false), ("since:-59s", true),
    ("since:-58s", false), ("what hamburg", false), ("what or hamburg", true), ("not hamburg", true),
    ("what not (dir:out or size>1M)", true),
  ])
  func conditions(_ filter: String, _ passes: Bool) throws {
    #expect(try Sample().passes(filter) == passes, "\(filter)")
  }

  @Test func whatIsNoMessageHasNeitherDirectionNorSize() throws {
    let event = Sample(way: nil, kind: .event, link: nil, byteCount: nil)
    for filter in ["dir:in", "dir:out", "size>=0", "conn>=0"] { #expect(try !event.passes(filter), "\(filter)") }
    #expect(try event.passes("not dir:in"))
    #expect(try event.passes("kind:event"))
  }

  @Test func whatLastedPassesWhenItOverlaps() throws {
    let run = Sample(at: Timestamp(milliseconds: 1000), lastAt: Timestamp(milliseconds: 5000))
    #expect(try run.passes("since:4s"))
    #expect(try run.passes("until:2s"))
    #expect(try !run.passes("since:6s"))
    #expect(try !run.passes("until:900ms"))
  }

  @Test func timesOfDayAreTheNearestOnes() throws {
    // The timeline began at 23:59:00 of some day.
    let start: Int64 = 86_400_000 * 20_000 - 60_000
    let early = Sample(at: Timestamp(milliseconds: 30_000), lastAt: Timestamp(milliseconds: 30_000))
    let late = Sample(at: Timestamp(milliseconds: 90_000), lastAt: Timestamp(milliseconds: 90_000))
    let now = Timestamp(milliseconds: 120_000)
    for filter in ["since:23:59:40", "since:00:00"] {
      #expect(try !early.passes(filter, now: now, wallClockMs: start), "\(filter)")
      #expect(try late.passes(filter, now: now, wallClockMs: start), "\(filter)")
    }
    #expect(try early.passes("until:23:59:30", now: now, wallClockMs: start))
    #expect(try !late.passes("until:23:59:30", now: now, wallClockMs: start))
  }

  @Test func anEntryIsSeenAsItIs() throws {
    let message = Entry(
      index: 3, at: Timestamp(milliseconds: 10),
      event: .message(
        Message(
          link: LinkID(2), way: .toServer, kind: .text,
          payload: Array(#"{"type":"text","text":"hi"}"#.utf8))))
    func passes(_ entry: Entry, _ type: String, _ words: String, _ text: String) throws -> Bool {
      var matcher = FilterMatcher(try Filter(parsing: text), FilterContext(now: entry.at))
      return matcher.matches(EntrySubject(entry, type: type, words: words))
    }
    #expect(try passes(message, "text", "hi", "dir:out conn:2 kind:text size:27 type:text \"\\\"hi\\\"\""))
    let trip = Entry(index: 4, at: .zero, event: .roundTrip(RoundTrip(link: LinkID(2), ms: 1)))
    #expect(try passes(trip, "pong", "1 ms", "kind:event conn:2 type:pong not dir:in"))
    var sources = SourceNames()
    sources.observe(
      Entry(
        index: 0, at: .zero, source: SourceID(2),
        event: .sourceStarted(Source(kind: .client, name: "stt", dialect: "voice", url: "ws://a"))))
    for (filter, number) in [("source:stt", 2), ("source:2", 2), ("source:client", 1), ("source:program", 0)] {
      var matcher = FilterMatcher(try Filter(parsing: filter), FilterContext(now: .zero))
      for source in 0..<4 {
        let entry = Entry(index: 6, at: .zero, source: SourceID(UInt16(source)), event: trip.event)
        let passes = matcher.matches(EntrySubject(entry, type: "pong", words: "", sources: sources))
        #expect(passes == (source == number), "\(filter) \(source)")
      }
    }
    let fault = Entry(index: 5, at: .zero, event: .fault(FaultChange(.stall, active: true)))
    #expect(try passes(fault, "fault", "stall", "stall not conn>=0"))
  }

  @Test func highlightsAreWhatMustOccur() throws {
    var highlights = FilterHighlights(try Filter(parsing: "berlin or /t.me/ not what dir:in"))
    let ranges = highlights.ranges(in: "what time is it in Berlin, berlin")
    #expect(ranges.sorted { $0.lowerBound < $1.lowerBound } == [5..<9, 19..<25, 27..<33])
    var words = FilterHighlights(try Filter(parsing: #"/\bis\b/"#))
    #expect(words.ranges(in: "this is é is") == [5..<7, 11..<13])
    var empty = FilterHighlights(try Filter(parsing: "/x*/"))
    #expect(empty.ranges(in: "éaxxa") == [3..<5])
    #expect(FilterHighlights(try Filter(parsing: "not a dir:in")).isEmpty)
  }

  @Test func workIsCounted() throws {
    var matcher = FilterMatcher(try Filter(parsing: "hamburg"), FilterContext(now: .zero))
    let sample = Sample()
    _ = matcher.matches(sample)
    #expect(matcher.work == sample.type.utf8.count + sample.texts[0].utf8.count)
  }
}
