import Testing
import Timeline
import Wire

@testable import Session

/// One command from the port to its entry: what is written says exactly which act it was.
struct OperatorCommandTests {
  private static let commands: [OperatorCommand] = [
    .interrupt, .sendConfig("{}"), .sendText("a"), .sendToolResult("snow"), .sendRaw(.string("{")),
    .setGate(.open), .setMuted(true), .setTalking(true), .say("hello"), .play(path: "a.wav", isMixed: false),
    .stopSpeaking, .listen([AudioPayload(bytes: [0, 0], rate: 8000)]), .filter("dir:in"),
    .countFrom(Timestamp(milliseconds: 1500)), .mark("odd"), .disconnect(.abort), .reconnect, .quit,
  ]

  @Test func everyCommandLeavesOneEntryOfItsOwn() {
    var names: [ActName] = []
    for command in Self.commands {
      var machine = Session(SessionConfiguration(), dialect: VoiceDialect(), seed: 1)
      _ = machine.handle(.started, at: .zero)
      let acts = machine.handle(.commanded(command), at: .zero).acts
      #expect(acts == [command.act], "\(command)")
      names += acts.map(\.command)
    }
    #expect(Set(names) == Set(ActName.known), "an act without a command")
    #expect(names.count == Set(names).count, "two commands with one name")
  }

  @Test func whatAnEntrySaysIsExact() {
    #expect(OperatorCommand.play(path: "a.wav", isMixed: true).act == OperatorAct(.play, "a.wav mix"))
    let pieces = [AudioPayload(bytes: [0, 0], rate: 8000), AudioPayload(bytes: [0, 0], rate: 8000)]
    #expect(OperatorCommand.listen(pieces).act == OperatorAct(.listen, "2 pieces of recorded audio"))
    #expect(OperatorCommand.filter("").act == OperatorAct(.filter))
    #expect(OperatorCommand.countFrom(Timestamp(milliseconds: 1500)).act == OperatorAct(.mark, "1500 ms"))
    #expect(OperatorCommand.countFrom(nil).act == OperatorAct(.mark, "off"))
    #expect(OperatorCommand.mark("too slow").act == OperatorAct(.moment, "too slow"))
    #expect(OperatorCommand.mark("a\nb\u{1B}[c\u{2028}d").act == OperatorAct(.moment, "a b [c d"))
    #expect(OperatorCommand.mark(String(repeating: "ä", count: 999)).act.argument.utf8.count < 600)
    #expect(OperatorCommand.disconnect(.refuse(.seconds(2))).act == OperatorAct(.disconnect, "refuse 2 s"))
  }

  @Test func wordsAndFilesGoToTheMicrophonePath() {
    var machine = Session(SessionConfiguration(), dialect: VoiceDialect(), seed: 1)
    _ = machine.handle(.started, at: .zero)
    #expect(machine.handle(.commanded(.say("hello")), at: .zero).contains(.speak(.words("hello"))))
    let play = OperatorCommand.play(path: "a.wav", isMixed: true)
    #expect(machine.handle(.commanded(play), at: .zero).contains(.speak(.file(path: "a.wav", isMixed: true))))
    #expect(machine.handle(.commanded(.stopSpeaking), at: .zero).contains(.stopSpeaking))
  }

  /// The moment is that of the key, however long the note was typed.
  @Test func aMarkKnowsHowOldItsMomentIs() {
    var machine = Session(SessionConfiguration(), dialect: VoiceDialect(), seed: 1)
    _ = machine.handle(.started, at: .zero)
    let now = Timestamp(milliseconds: 9_000)
    let acts = [
      OperatorCommand.mark("odd", at: Timestamp(milliseconds: 2_500)), .mark("", at: nil),
      .mark("x", at: now + .seconds(5)),
    ]
    .flatMap { machine.handle(.commanded($0), at: now).acts }
    #expect(
      acts == [OperatorAct(.moment, "odd", ageMs: 6_500), OperatorAct(.moment), OperatorAct(.moment, "x", ageMs: 0)])
  }

  @Test func secretsAndLongTextsDoNotReachTheEntry() throws {
    var configuration = SessionConfiguration()
    configuration.secrets = ["hunter2hunter2"]
    var machine = Session(configuration, dialect: VoiceDialect(), seed: 1)
    _ = machine.handle(.started, at: .zero)
    for command in [
      OperatorCommand.say("hunter2hunter2"), .filter("hunter2hunter2"), .play(path: "hunter2hunter2", isMixed: false),
    ] {
      let act = try #require(machine.handle(.commanded(command), at: .zero).acts.first)
      #expect(!act.argument.contains("hunter2"), "\(act.command)")
    }
    let long = try #require(
      machine.handle(.commanded(.say(String(repeating: "a", count: 5_000))), at: .zero).acts.first)
    #expect(long.argument.utf8.count < 1_010)
  }
}
