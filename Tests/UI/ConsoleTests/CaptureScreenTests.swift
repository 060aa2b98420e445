import Insight
import Screen
import Session
import TestKit
import Testing
import Timeline

@testable import Console

/// What the screen says of the capture, and how a moment is marked in it.
struct CaptureScreenTests {
  private func script(_ ids: NoticeID...) -> Script {
    var script = Script.live
    for id in ids {
      let severity: Notice.Severity = id == .captureFailed ? .error : .info
      script.add(.notice(Notice(id, severity, .capture, "text of \(id.rawValue)", remedy: "what helps")))
    }
    return script
  }

  // MARK: - The strip

  @Test(arguments: [Size(width: 80, height: 24), Size(width: 120, height: 40)])
  func theStripSaysThatItIsRecorded(_ size: Size) {
    #expect(!script().console(size.width, size.height).text(size.width, size.height).contains("● rec"))
    for id in [NoticeID.captureBegan, .captureIntroduced] {
      #expect(script(id).console(size.width, size.height).text(size.width, size.height).contains("● rec"))
    }
    let failing = script(.captureBegan, .captureFailed).console(size.width, size.height)
    #expect(failing.text(size.width, size.height).contains("rec failing"))
    #expect(failing.banner?.remedy == "what helps")
    let again = script(.captureBegan, .captureFailed, .captureGoesOn).console(size.width, size.height)
    #expect(again.text(size.width, size.height).contains("● rec"))
  }

  @Test func whatIsLostIsCountedInTheStrip() {
    var script = script(.captureBegan)
    script.add(.queue(QueueDepth(name: .captureSound, depth: 0, capacity: nil, dropped: 320, unit: .samples)))
    #expect(script.console(160, 40).text(160, 40).contains("sound not kept"))
    script.add(.queue(QueueDepth(name: .capture, depth: 0, capacity: nil, dropped: 1_234, unit: .entries)))
    #expect(script.console(160, 40).text(160, 40).contains("not kept 1 234"))
  }

  /// News, and no error: it says nothing of the session, and can be put away.
  @Test func theFirstCaptureIsTellingItself() {
    var console = script(.captureIntroduced).console()
    #expect(console.banner?.text == "text of captureIntroduced" && console.banner?.role == .modifier)
    #expect(console.text().contains("text of captureIntroduced"))
    console.press(.char("x"))
    #expect(console.banner == nil)
    // An error is more important, and is the first one.
    let failed = script(.captureIntroduced, .captureFailed).console()
    #expect(failed.banner?.role == .error && failed.problem?.count == 1)
    #expect(script(.captureFailed, .captureIntroduced).console().banner?.role == .error)
  }

  // MARK: - Figures

  private let report = CaptureReport(
    path: "/home/ada/captures/a.sidetone", byteCount: 2_500_000, limits: "30 days, up to 4 GiB", keptEntries: 12_345,
    lostEntries: 7, keptSamples: 320_000, lostSamples: 160, fault: "the disk is full")

  @Test func theListOfFiguresHasItsPlaceSizeAndLosses() {
    var console = Script.live.console(120, 40)
    console.command("status")
    #expect(!console.text(120, 40).contains("captures stay"))
    _ = console.update(.selfReport(SelfReport(frameMs: 1, cellsChanged: 1, capture: report)))
    let text = console.text(120, 40)
    for word in [
      "/home/ada/captures/a.sidetone", "12 345 entries, 320 000 samples", "7 entries, 160 samples", "the disk is full",
      "30 days, up to 4 GiB", "2.5 MB",
    ] {
      #expect(text.contains(word), "\(word)")
    }
  }

  @Test func theStatusInWordsHasIt() {
    var console = PlainConsole(ConsoleOptions())
    #expect(!console.run("status").lines.contains { $0.text.contains("capture") })
    console.note(report)
    let lines = console.run("status").lines.map(\.text)
    #expect(lines.contains("capture, file: /home/ada/captures/a.sidetone"))
    #expect(lines.contains("capture, not kept: 7 entries, 160 samples"))
  }

  // MARK: - Marks

  /// The moment is that of the key: words are typed meanwhile.
  @Test func aKeyMarksTheMomentAndAsksForANote() {
    var console = Script.live.console()
    let pressed = console.now
    console.press(.char("R"))
    #expect(console.mode == .line && console.text().contains("a note about this moment"))
    _ = console.update(.tick(pressed + .seconds(4)))
    console.type("too slow")
    #expect(console.press(Key(.enter)) == [.command(.mark("too slow", at: pressed))])
    #expect(console.mode == .panes && console.flash?.text == "marked")
    // Nothing need be noted, and nothing is marked by a line that is left.
    console.press(.char("R"))
    #expect(console.press(Key(.enter)) == [.command(.mark("", at: console.now))])
    console.press(.char("R"))
    #expect(console.press(Key(.escape)).isEmpty && console.mode == .panes)
  }

  @Test func aTypedMarkIsOfNow() {
    var console = Script.live.console()
    console.press(.char(":"))
    console.type("mark odd pause")
    #expect(console.press(Key(.enter)).contains(.command(.mark("odd pause"))))
  }

  @Test func aMarkIsARowOfTheLogAndALineOfTheTranscript() {
    var script = Script.live
    script.add(.operatorAct(OperatorAct(.moment, "odd pause", ageMs: 300)))
    script.add(.operatorAct(OperatorAct(.moment)))
    let console = script.console(160, 50)
    let text = console.text(160, 50)
    #expect(text.contains("marked: odd pause") && text.contains("this moment"))
    #expect(console.insight.transcript.suffix(2).map(\.text) == ["marked: odd pause", "marked"])
    var plain = PlainConsole(ConsoleOptions())
    let said = plain.read(script.entries).map(\.text)
    #expect(said.contains("marked: odd pause") && said.contains("marked"))
    #expect(plain.run("mark odd pause").effects == [.command(.mark("odd pause"))])
  }

  @Test func aRecordingTakesNoMarks() {
    var console = Script.live.console { $0.port = .recording }
    #expect(console.press(.char("R")).isEmpty && console.mode == .panes)
  }
}
