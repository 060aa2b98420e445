import Testing
import Timeline

@testable import Capture

@Suite struct CaptureNameTests {
  @Test func isTheLocalDateAndTime() {
    // 2026-11-29 22:20:34.007 UTC.
    let now: Int64 = 1_795_990_834_007
    #expect(CaptureName.name(at: now) == "2026-11-29_22-20-34")
    #expect(CaptureName.name(at: now, utcOffsetSeconds: 3600 * 2) == "2026-11-30_00-20-34")
    #expect(CaptureName.name(at: now, utcOffsetSeconds: -1800, number: 2) == "2026-11-29_21-50-34-2")
  }

  @Test func sortsAsTime() {
    let names = (0..<500).map { CaptureName.name(at: 1_700_000_000_000 + Int64($0) * 3_917_000) }
    #expect(names == names.sorted() && Set(names).count == names.count)
  }

  @Test(arguments: [Int64.min, -1, 0, Int64.max]) func anyMomentHasAName(_ now: Int64) {
    #expect(CaptureName.name(at: now, utcOffsetSeconds: .max, number: .max).utf8.count < 60)
  }
}

@Suite struct CaptureWatchTests {
  private let facts = CaptureWatch.Facts(path: "/x/a.sidetone", limits: CaptureRetention())
  private func at(_ seconds: Int) -> Timestamp { .zero + .seconds(seconds) }
  private func ids(_ notices: [Notice]) -> [NoticeID] { notices.map(\.id) }

  @Test func theBeginIsToldOnceWhenTheFileIsThere() {
    var watch = CaptureWatch(facts)
    #expect(watch.observe(CaptureStatus(.opening), at: at(0)).isEmpty && !watch.isSettled)
    let told = watch.observe(CaptureStatus(.recording), at: at(1))
    #expect(ids(told) == [.captureBegan] && watch.isSettled)
    #expect(told[0].text.contains("/x/a.sidetone") && told[0].severity == .info)
    #expect(watch.observe(CaptureStatus(.recording), at: at(2)).isEmpty)
  }

  /// Who is recorded for the first time hears where, for how long, with what, and the way out.
  @Test func theFirstTimeSaysEverything() {
    var facts = facts
    facts.isFirst = true
    var watch = CaptureWatch(facts)
    let told = watch.observe(CaptureStatus(.recording), at: at(0))
    #expect(ids(told) == [.captureIntroduced])
    for word in ["/x/a.sidetone", "30 days", "4 GiB", "voice", "--no-capture", "capture: off"] {
      #expect(told[0].text.contains(word), "\(word)")
    }
    facts.keepsAudio = false
    watch = CaptureWatch(facts)
    #expect(watch.observe(CaptureStatus(.recording), at: at(0))[0].text.contains("without sound"))
  }

  @Test func aFailureIsToldWithItsRemedyAndItsEnd() {
    var watch = CaptureWatch(facts)
    _ = watch.observe(CaptureStatus(.recording), at: at(0))
    let told = watch.observe(CaptureStatus(.failing(.full)), at: at(1))
    #expect(ids(told) == [.captureFailed] && told[0].severity == .error)
    #expect(told[0].text.contains("the disk is full") && told[0].remedy?.contains("make room") == true)
    #expect(watch.observe(CaptureStatus(.failing(.full)), at: at(40)).isEmpty)
    #expect(ids(watch.observe(CaptureStatus(.recording), at: at(41))) == [.captureGoesOn])
    // A disk that fails by turns is not told of each time, but in the end.
    #expect(watch.observe(CaptureStatus(.failing(.full)), at: at(42)).isEmpty)
    #expect(watch.observe(CaptureStatus(.recording), at: at(43)).isEmpty)
    #expect(watch.observe(CaptureStatus(.failing(.gone)), at: at(44)).isEmpty)
    #expect(ids(watch.observe(CaptureStatus(.failing(.gone)), at: at(71))) == [.captureFailed])
  }

  @Test func whatFailsFromTheStartIsTold() {
    var watch = CaptureWatch(facts)
    let told = watch.observe(CaptureStatus(.failing(.readOnly)), at: at(0))
    #expect(ids(told) == [.captureFailed] && watch.isSettled)
    #expect(told[0].remedy?.contains("--no-capture") == true)
    #expect(ids(watch.observe(CaptureStatus(.recording), at: at(9))) == [.captureBegan, .captureGoesOn])
  }

  @Test func aSlowDiskIsToldOnce() {
    var watch = CaptureWatch(facts)
    _ = watch.observe(CaptureStatus(.recording), at: at(0))
    let lost = CaptureStatus(.recording, lost: CaptureCounts(entries: 3, samples: 320))
    let told = watch.observe(lost, at: at(1))
    #expect(ids(told) == [.captureTooSlow] && told[0].text.contains("3 entries and 320 samples"))
    #expect(watch.observe(lost, at: at(2)).isEmpty)
  }

  @Test func deletedCapturesAreNamedUpToAFew() {
    let names = (0..<1000).map { "\($0)" + String(repeating: "x", count: 200) }
    let told = CaptureWatch.deleted(names, CaptureRetention(byteLimit: 100 << 20, ageLimit: .seconds(86_400)))
    #expect(told.text.contains("1 day") && told.text.contains("100 MiB") && told.text.contains("997 more"))
    #expect(told.text.utf8.count < 1000)
  }
}
