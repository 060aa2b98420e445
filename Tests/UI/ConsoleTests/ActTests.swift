import Screen
import Session
import Testing
import Timeline
import Wire

@testable import Console

/// Everything that the operator does to a session: an entry, a row of the log, a mark in the waveforms and in the
/// latency lane at its moment.
struct ActTests {
  /// How each command to a session is called.
  static let calls: [Command: [String]] = [
    .interrupt: [""], .say: ["hello"], .play: ["hello.wav"], .hush: [""], .mute: [""], .talk: [""],
    .gate: ["open"], .config: [#"{"voice":"slt"}"#], .text: ["hello"], .send: ["{"], .sendBinary: ["hex:00ff"],
    .toolResult: ["snow"],
    .reconnect: [""],
    .mark: ["odd pause"], .close: ["4000 bye"], .abort: [""], .stall: [""], .refuse: ["5"],
  ]

  /// What a command leaves on the timeline, by the session machine itself.
  static func acts(of command: Command, _ argument: String) throws -> [OperatorAct] {
    var script = Script.live
    if command == .talk { script.add(.gate(Gate(mode: .ptt))) }
    if command == .reconnect {
      script.add(.connection(ConnectionChange(LinkID(1), .gaveUp(reason: "gone"))))
    }
    var console = script.console()
    return try console.perform(command, argument).flatMap { effect -> [OperatorAct] in
      switch effect {
      case .command(let order):
        var machine = Session(SessionConfiguration(), dialect: VoiceDialect(), seed: 1)
        _ = machine.handle(.started, at: .zero)
        return machine.handle(.commanded(order), at: .zero).compactMap {
          if case .record(.operatorAct(let act)) = $0 { act } else { nil }
        }
      default: return []
      }
    }
  }

  @Test func everyCommandToASessionLeavesAnEntryAndAMark() throws {
    for spec in CommandTable.standard.rows
    // The first two only open something; what the editor sends is sent as `send` does; to listen takes an opened message.
    where !spec.needs.isEmpty && spec.needs != .seek
      && ![.disconnect, .edit, .transmit, .listen].contains(spec.command)
    {
      let arguments = try #require(Self.calls[spec.command], "\(spec.command.rawValue) is not called here")
      for argument in arguments {
        let acts = try Self.acts(of: spec.command, argument)
        #expect(acts.count == 1, "\(spec.command.rawValue) leaves \(acts)")
        for act in acts { try check(act) }
      }
    }
  }

  private func check(_ act: OperatorAct) throws {
    let mark = try #require(ActMark(act), "\(act.command) has no mark")
    // A user who has finished speaking 300 ms ago, and the act 150 ms ago.
    var script = Script()
    script.connect()
    script.at(5_000)
    script.add(.voiceEdge(VoiceEdge(isStart: true, sinceMs: 0)))
    for i in 0..<40 {
      script.at(5_000 + Double(i) * 20)
      script.mic(3_000, fate: .sent, isSpeech: true)
      script.playout(1, amplitude: 3_000, depthMs: 80)
    }
    script.add(.voiceEdge(VoiceEdge(isStart: false, sinceMs: 0)))
    script.message(.toClient, #"{"type":"transcript_final","text":"hello"}"#)
    let end = script.now.milliseconds
    script.at(end + 150)
    script.add(.operatorAct(act))
    script.at(end + 300)
    script.mic(60, fate: .gated, isSpeech: false)
    script.playout(1, amplitude: 3_000, depthMs: 80)
    let size = Size(width: 120, height: 40)
    let console = script.console(size.width, size.height)
    let surface = console.view(size)
    let word = act.command == .moment ? act.argument : act.command.rawValue
    #expect(surface.text.contains(word), "\(act.command) is not in the log")
    let layout = console.layout(size)
    for pane in [Pane.mic, .agent, .latency] {
      let rect = layout.rect(of: pane).inset(1, 1)
      let marked = (rect.y..<rect.bottom).flatMap { y in (rect.x..<rect.right).map { (x: $0, y: y) } }.filter {
        let cell = surface[$0.x, $0.y]
        return cell.scalar == mark.letter.value && cell.style == Style(mark.role, .bold)
      }
      #expect(marked.count == 1, "\(act.command) in \(pane): \(marked)")
      // 150 ms are two columns of a waveform.
      if pane != .latency, let x = marked.first?.x {
        #expect((1...3).contains(rect.right - 1 - x + 0), "\(pane) \(rect.right - x)")
      }
    }
  }

  @Test func marksAreToldApart() {
    let letters = Array(ActMark.letters.values) + Array(ActMark.disconnecting.values)
    #expect(Set(letters).count == letters.count)
  }

  @Test func aMarkTravelsWithTheWaveformAndLeavesIt() {
    let act = Timestamp(milliseconds: 10_000)
    // At the edge, then to the left: two columns of 50 ms a cell.
    let columns = [10_000, 10_100, 10_200, 12_000, 14_000].map {
      AudioTrace.column(of: act, width: 30, now: Timestamp(milliseconds: $0))
    }
    #expect(columns == [29, 29, 28, 10, nil])
    #expect(AudioTrace.column(of: act, width: 30, now: Timestamp(milliseconds: 9_000)) == nil)
    #expect(AudioTrace.column(of: act, width: 0, now: act) == nil)
  }
}
