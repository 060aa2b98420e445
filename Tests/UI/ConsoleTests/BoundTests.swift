import Screen
import Testing
import Timeline
import Wire

@testable import Console
@testable import Insight

/// What has no room is not kept, and where it is missing, that is said.
struct BoundTests {
  private func script(answer bytes: Int) -> Script {
    var script = Script()
    script.connect()
    script.message(.toClient, #"{"type":"transcript_final","text":"go on"}"#)
    let piece = String(repeating: "word ", count: 1000)
    for _ in 0..<bytes / 5000 { script.message(.toClient, #"{"type":"response_text","text":"\#(piece)"}"#) }
    script.message(.toClient, #"{"type":"response_complete"}"#)
    return script
  }

  @Test func theTranscriptSaysWhatOfALineIsMissing() {
    var console = script(answer: 100_000).console(120, 60)
    console.openPanes = [.transcript]
    console.focus = .transcript
    let hidden = Figures.bytes(TranscriptLine.textLimit - TranscriptRows.lineLimit)
    let unkept = Figures.bytes(100_000 - TranscriptLine.textLimit)
    #expect(console.text(120, 60).contains("… \(hidden) more are not shown here, \(unkept) more are not kept"))
    #expect(TranscriptRows.text(console.insight.transcript, console.clock).contains("(\(unkept) more were not kept)"))
  }

  @Test func whatIsShownOfALongCutAnswerIsWhatWasHeard() {
    var line = TranscriptLine(
      speaker: .agent, at: .zero, text: String(repeating: "word ", count: 1600), isFinal: true, heardShare: 0.25)
    #expect(HeardWords.cutNote(line) == "cut after 400 of \(Figures.count(1600, "word"))")
    line.heardShare = 0.9
    var insight = Insight()
    insight.transcript = [line]
    let clock = WallTime(wallClockMs: 0, utcOffsetSeconds: 0)
    let rows = TranscriptRows(insight, size: Size(width: 120, height: 60), clock: clock)
    // Of the half that is shown everything was heard.
    #expect(!rows.rows(0).contains { $0.spans.contains { $0.style.emphasis.contains(.strike) } })
  }

  @Test func theTranscriptSaysHowManyLinesAreGone() {
    var script = Script()
    script.connect()
    for i in 0..<5_010 { script.message(.toClient, #"{"type":"transcript_final","text":"number \#(i)"}"#) }
    var console = script.console(100, 30)
    console.openPanes = [.transcript]
    console.focus = .transcript
    #expect(!console.text(100, 30).contains("not kept"))
    console.press(.char("g"))
    #expect(console.text(100, 30).contains("… 10 earlier lines not kept"))
  }

  @Test func wordsSayWhatIsMissing() {
    var plain = PlainConsole(ConsoleOptions())
    let lines = plain.read(script(answer: 100_000).entries)
    let unkept = Figures.bytes(100_000 - TranscriptLine.textLimit)
    #expect(lines.contains { $0.text.hasPrefix("agent: word") && $0.text.hasSuffix("(\(unkept) more were not kept)") })
    #expect(lines.allSatisfy { $0.text.utf8.count < TranscriptLine.textLimit + 100 })
  }

  @Test func settingsAreKeptToTheirBytes() {
    var settings = ServerSettings()
    let long = JSONValue.string(String(repeating: "v", count: 1000))
    for i in 0..<100 { settings.observe([.config(.object(["field\(i)": long]))]) }
    func bytes(_ members: [String: JSONValue]) -> Int {
      members.reduce(0) { $0 + $1.key.utf8.count + $1.value.jsonText.utf8.count }
    }
    #expect(bytes(settings.sent) <= ServerSettings.byteLimit)
    #expect(settings.sent.count == 64 && settings.unkeptSent == 36)
    #expect(settings.sent["field99"] == long && settings.standing(of: "field99") == .asked, "the newest has room")
    let all = Dictionary(uniqueKeysWithValues: (0..<100).map { ("field\($0)", long) })
    settings.observe([.configApplied(.object(all))])
    #expect(settings.applied.count == 64 && settings.unkeptApplied == 36)
    #expect(settings.standing(of: "field99") == .settled, "what was asked for is kept first")
    settings.observe([
      .config(.object(["field99": .number(1)])), .error(ServerError(message: String(repeating: "e", count: 10_000))),
    ])
    #expect(settings.complaint?.utf8.count == Notice.longestText + "… (5904 bytes more)".utf8.count)
  }

  @Test func theFormSaysThatFieldsAreMissing() {
    var script = Script()
    script.connect()
    let long = String(repeating: "v", count: 70_000)
    script.message(.toClient, #"{"type":"config_applied","a":"slt","b":"\#(long)"}"#)
    var console = script.console(120, 40)
    console.press(.char("c"))
    #expect(console.text(120, 40).contains("1 field too large to be kept"))
  }

  @Test func aProblemIsBounded() {
    var script = Script()
    script.connect()
    script.message(.toClient, #"{"type":"error","message":"\#(String(repeating: "e", count: 100_000))"}"#)
    #expect(script.console(120, 40).problem!.text.utf8.count < Notice.longestText + 100)
  }
}
