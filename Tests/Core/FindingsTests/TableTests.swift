import Findings
import FoundationEssentials
import Testing
import Timeline
import Wire

@Suite struct TableTests {
  @Test func everyRuleHasItsOwnIDAndItsWords() {
    let rules = FindingTable.all
    #expect(Set(rules.map(\.id)).count == rules.count)
    for rule in rules {
      #expect(rule.id.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber }, "\(rule.id)")
      for text in [rule.title, rule.meaning, rule.remedy] { #expect(!text.isEmpty, "\(rule.id)") }
      #expect(rule.meaning.hasSuffix(".") && rule.remedy.hasSuffix("."), "\(rule.id)")
      #expect(FindingTable.rule(rule.id)?.title == rule.title)
    }
    #expect(FindingTable.rule("no-such-rule") == nil)
  }

  /// Record with `SIDETONE_RECORD_GOLDEN=1`.
  @Test func docsAreMadeFromTheTable() throws {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let path = here + "/docs/findings.md"
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] == "1" {
      try Data(FindingsDocument.markdown.utf8).write(to: URL(filePath: path))
    }
    let file = try #require(FileManager.default.contents(atPath: path), "docs/findings.md is missing")
    #expect(String(decoding: file, as: UTF8.self) == FindingsDocument.markdown, "docs/findings.md is out of date")
  }

  @Test func aSilencedRuleSaysNothing() {
    for silenced in [[], ["ping-unanswered"]] as [Set<String>] {
      var script = Script(silenced: silenced)
      script.at(0, .roundTrip(RoundTrip(link: LinkID(1), ms: nil)))
      script.connection(1, .closed, code: 1006, by: .network)
      #expect(script.count("ping-unanswered") == (silenced.isEmpty ? 1 : 0))
      #expect(script.count("close-without-frame") == 1)
      #expect(script.linter.counts == (silenced.isEmpty ? [.error: 1, .warning: 1] : [.warning: 1]))
    }
  }

  @Test func occurrencesAreBoundedAndCountedAll() throws {
    var script = Script()
    for i in 0..<1000 { script.at(Double(i), .roundTrip(RoundTrip(link: LinkID(1), ms: nil))) }
    let finding = try #require(script.linter.findings.first)
    #expect(finding.count == 1000)
    #expect(finding.occurrences.count == Finding.occurrenceLimit)
    #expect(finding.occurrences.last?.entries == [999])
    #expect(finding.occurrences.last?.at == Timestamp(milliseconds: 999))
  }

  /// A session as it should be: three turns, everything in its place.
  @Test func aGoodSessionHasNoFindings() {
    var script = Script()
    script.started("ws://127.0.0.1:8765/voice?token=…", sendsCredential: true)
    script.connection(0, .connecting)
    script.connection(5, .open)
    script.received(6, .ready(Ready(sessionID: "s")))
    script.connection(6, .ready)
    for turn in 0..<3 {
      let start = 1000 + Double(turn) * 20_000
      script.received(start, .userSpeechStart)
      for i in 0..<100 {
        script.mic(start + Double(i) * 20, rmsDB: -25, isSpeech: true)
        script.sent(start + Double(i) * 20, .audio(numbered(turn * 100 + i)), waitedMs: 3)
      }
      script.received(start + 1000, .transcriptInterim("what"))
      script.received(start + 2000, .userSpeechEnd)
      script.received(start + 2500, .transcriptFinal("what time"))
      script.received(start + 2600, .responseText("noon"))
      for i in 0..<100 { script.received(start + 2700 + Double(i) * 10, .audio(numbered(turn * 100 + i))) }
      script.received(start + 3800, .responseComplete)
    }
    script.connection(70_000, .closed, code: 1000, by: .client)
    #expect(script.linter.findings.map(\.rule.id) == [])
  }

  private func numbered(_ number: Int) -> AudioPayload {
    AudioPayload(bytes: Script.audio.bytes, sequence: number)
  }
}
