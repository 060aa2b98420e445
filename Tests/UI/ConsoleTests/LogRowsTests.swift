import Filter
import Screen
import Testing
import Timeline
import Wire

@testable import Console

/// The log's compact storage: what goes in comes out, and no more is kept than was allowed.
struct LogRowsTests {
  private func row(_ i: Int, _ summary: String) -> LogRow {
    LogRow(
      id: i, at: Timestamp(nanoseconds: Int64(i) * 1000), lastAt: Timestamp(nanoseconds: Int64(i) * 1000 + 5),
      pause: i == 0 ? nil : .nanoseconds(i), kind: i % 3 == 0 ? .sent : i % 3 == 1 ? .received : .event,
      isBinary: i % 5 == 0, actor: Role.allCases[i % Role.allCases.count], type: UInt16(i % 100),
      run: i % 4 == 0 ? .deltas : nil, link: i % 2 == 0 ? LinkID(i % 9 + 1) : nil, count: i + 1,
      byteCount: i * 7, largestByteCount: i * 3, summary: summary)
  }

  @Test func rowsComeOutAsTheyWentIn() {
    var rows = LogRows()
    for i in 0..<10_000 { rows.append(row(i, "row \(i) é漢")) }
    #expect(rows.count == 10_000)
    for i in stride(from: 0, to: 10_000, by: 7) { #expect(rows[i] == row(i, "row \(i) é漢")) }
    #expect(rows[10_000] == nil)
    #expect(rows[-1] == nil)
  }

  @Test func rowsThatGrowKeepTheirNeighbours() {
    var rows = LogRows()
    for i in 0..<10 { rows.append(row(i, "row \(i)")) }
    var text = ""
    for step in 0..<50 {
      text += "word\(step) "
      rows.replace(row(4, text))
    }
    #expect(rows[4]?.summary == text)
    rows.replace(row(4, "short"))
    #expect(rows[4]?.summary == "short")
    for i in [0, 3, 5, 9] { #expect(rows[i] == row(i, "row \(i)")) }
    // Doubling leaves no more behind than there is.
    #expect(rows.textBytes < 4 * text.utf8.count + 200)
  }

  @Test func theOldestAreForgottenOneByOne() {
    var rows = LogRows()
    for i in 0..<9_000 { rows.append(row(i, "row \(i)")) }
    let before = rows.textBytes
    for _ in 0..<8_500 { rows.removeFirst() }
    #expect(rows.count == 500)
    #expect(rows.firstID == 8_500)
    #expect(rows[8_499] == nil)
    #expect(rows[8_500] == row(8_500, "row 8500"))
    #expect(rows.textBytes < before / 5)
    for _ in 0..<600 { rows.removeFirst() }
    #expect(rows.count == 0)
    rows.append(row(9_000, "again"))
    #expect(rows[9_000]?.summary == "again")
  }

  @Test func oldTextsAreCutBetweenCharacters() {
    var rows = LogRows()
    let long = String(repeating: "漢", count: 50)
    for i in 0..<LogRows.chunkSize * 3 { rows.append(row(i, i % 2 == 0 ? long : "short")) }
    let limit = rows.textBytes * 2 / 3
    let fits = rows.shortenTexts(toFit: limit)
    #expect(fits)
    #expect(rows.textBytes <= limit)
    #expect(rows.shortenedCount > 0)
    #expect(rows[0]?.summary == String(repeating: "漢", count: 9) + "…")
    #expect(rows[1]?.summary == "short")
    #expect(rows[LogRows.chunkSize * 3 - 2]?.summary == long)
    // What cannot be, is said.
    let fitsNothing = rows.shortenTexts(toFit: 10)
    #expect(!fitsNothing)
  }

  /// Five times what there is room for, each its own row: within the limits, nothing lost unsaid.
  @Test func aFloodOfMessagesIsBounded() throws {
    var limits = LogLimits()
    limits.rows = 10_000
    limits.textBytes = 1 << 18
    limits.payloadBytes = 1 << 18
    var store = LogStore(limits: limits)
    let payloads = (0..<100).map { Array(#"{"type":"tool","text":"a message of usual length, number \#($0)"}"#.utf8) }
    let reading = Reading("tool", [.unknown(type: "tool")])
    let count = 50_000
    for i in 0..<count {
      let message = Message(
        link: LinkID(1), way: .toClient, kind: .binary, payload: payloads[i % 100])
      store.append(
        Entry(index: i, at: Timestamp(nanoseconds: Int64(i) * 1000), event: .message(message)), reading)
    }
    #expect(store.messageCount == count)
    #expect(store.rows.count <= limits.rows)
    #expect(store.firstID + store.rows.count == count)
    #expect(store.rows.textBytes <= limits.textBytes + 1 << 20)
    #expect(store.payloadBytes <= limits.payloadBytes)
    #expect(store.rows.byteCount <= limits.rows * 56 + limits.textBytes + 2 << 20)
  }
}

/// Filtering and searching a log that is too long for one frame.
struct LogScanTests {
  private func filled(_ count: Int) -> LogPane {
    var pane = LogPane(limits: LogLimits())
    let odd = Array(#"{"type":"odd","text":"nothing to see"}"#.utf8)
    let even = Array(#"{"type":"even","text":"a needle"}"#.utf8)
    for i in 0..<count {
      let message = Message(
        link: LinkID(1), way: .toClient, kind: .binary, payload: i % 1000 == 0 ? even : odd)
      let name = i % 1000 == 0 ? "needle" : "hay"
      pane.store.append(
        Entry(index: i, at: Timestamp(milliseconds: Double(i)), event: .message(message)),
        Reading("?", [.malformed(what: name, reason: "as in a test")]))
    }
    return pane
  }

  @Test func aLongLogIsFilteredInSlicesFromItsEnd() throws {
    var pane = filled(200_000)
    pane.setFilter(try Filter(parsing: "needle"), FilterContext(now: .zero), height: 20)
    #expect(pane.hasWork)
    let first = pane.store.shownCount
    // The newest are there at once.
    #expect(first > 3 && first < 200)
    #expect(pane.store.shownID(first - 1) == 199_000)
    var slices = 0
    var progress = pane.store.progress ?? 1
    while pane.hasWork {
      _ = pane.work(height: 20)
      #expect(pane.store.progress ?? 1 > progress)
      progress = pane.store.progress ?? 1
      slices += 1
    }
    #expect(slices > 3)
    #expect(pane.store.shownCount == 200)
    #expect((0..<200).allSatisfy { pane.store.shownID($0) == $0 * 1000 })
  }

  @Test func whatComesMeanwhileIsFilteredToo() throws {
    var pane = filled(200_000)
    pane.setFilter(try Filter(parsing: "needle"), FilterContext(now: .zero), height: 20)
    let before = pane.store.shownCount
    let message = Message(link: LinkID(1), way: .toServer, kind: .binary, payload: [1])
    pane.store.append(
      Entry(index: 200_000, at: Timestamp(milliseconds: 3e5), event: .message(message)),
      Reading("?", [.malformed(what: "needle", reason: "new")]))
    #expect(pane.store.shownCount == before + 1)
    while pane.hasWork { _ = pane.work(height: 20) }
    #expect(pane.store.shownCount == 201)
    #expect(pane.store.shownID(200) == 200_000)
  }

  @Test func aSearchWalksInSlicesAndGoesRound() throws {
    var pane = filled(150_000)
    pane.search = LogSearch(try Filter(parsing: "needle size>0"), FilterContext(now: .zero))
    var outcome: LogSearch.Outcome?
    func walk(_ step: Int) -> LogSearch.Outcome? {
      pane.startSearch(step)
      while pane.hasWork { if let outcome = pane.work(height: 20) { return outcome } }
      return nil
    }
    outcome = walk(-1)
    #expect(outcome == .found(149_000, hasWrapped: false))
    #expect(pane.isFrozen)
    outcome = walk(-1)
    #expect(outcome == .found(148_000, hasWrapped: false))
    outcome = walk(1)
    #expect(outcome == .found(149_000, hasWrapped: false))
    outcome = walk(1)
    #expect(outcome == .found(0, hasWrapped: true))
    #expect(pane.cursor == 0)
    outcome = walk(-1)
    #expect(outcome == .found(149_000, hasWrapped: true))
    pane.search = LogSearch(try Filter(parsing: "nowhere"), FilterContext(now: .zero))
    pane.startSearch(1)
    // Too long for one slice.
    let early = pane.work(height: 20)
    #expect(early == nil)
    outcome = walk(1)
    #expect(outcome == .nothing)
    #expect(pane.cursor == 149_000)
  }
}
