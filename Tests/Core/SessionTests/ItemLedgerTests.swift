import Testing
import Timeline
import Wire

@testable import Session

@Suite struct ItemLedgerTests {
  /// So many items of 20 ms, all of one response.
  private func ledger(_ count: Int) -> ItemLedger {
    var ledger = ItemLedger()
    let payload = AudioPayload(bytes: [UInt8](repeating: 0, count: 640), format: "pcm16", rate: 16_000)
    for i in 0..<count {
      ledger.received(payload, of: WireRef(response: "r", item: "i\(i)")!, response: ResponseID(1), rate: 16_000)
    }
    return ledger
  }

  @Test func whatWasForgottenWasPlayedFirst() {
    var few = ledger(10)
    #expect(few.heard(of: ResponseID(1), playedMs: 65) == HeardAudio(of: WireRef(response: "r", item: "i3")!, ms: 5))
    // 36 of these are forgotten, 720 ms.
    var many = ledger(100)
    #expect(many.heard(of: ResponseID(1), playedMs: 725) == HeardAudio(of: WireRef(response: "r", item: "i36")!, ms: 5))
    var early = ledger(100)
    #expect(early.heard(of: ResponseID(1), playedMs: 100) == nil, "of which item is not known any more")
  }
}
