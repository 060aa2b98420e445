import Screen
import TestKit
import Testing
import Timeline

@testable import Console

/// Each pane by itself in each of its states, small and large; recorded as those of `GoldenTests`, without the strip and
/// the hints.
struct PaneGoldenTests {
  static let sizes = [Size(width: 60, height: 16), Size(width: 110, height: 30)]

  private func check(
    _ pane: Pane, _ state: String, _ size: Size, _ script: Script, _ change: (inout Console) -> Void = { _ in }
  ) throws {
    var console = script.console(size.width, size.height)
    console.focus = pane
    console.isZoomed = true
    change(&console)
    let name = "pane-\(pane.title)-\(state)-\(size.width)x\(size.height)"
    try GoldenScreen.check(console.view(size).part(console.layout(size).body), name)
  }

  private static func frame(
    _ ms: Double, _ script: inout Script, level: Double, isSpeech: Bool, swing: Int16 = 4_000, clipped: Int = 0,
    fate: MicFrame.Fate = .sent, probability: SpeechProbability? = nil
  ) {
    script.at(ms)
    script.add(
      .micFrame(
        MicFrame(
          sampleCount: 320, rate: 16_000, rmsDB: level, peakDB: level + 9,
          peaks: Array(repeating: Peak(low: -swing, high: swing), count: 4), fate: fate, vadLevelDB: level,
          vadThresholdDB: -45, vadProbability: probability, isSpeech: isSpeech, clipped: clipped)))
  }

  @Test(arguments: Pane.allCases, sizes) func empty(_ pane: Pane, _ size: Size) throws {
    try check(pane, "empty", size, Script())
  }

  @Test(arguments: Pane.allCases, sizes) func live(_ pane: Pane, _ size: Size) throws {
    try check(pane, "live", size, .live)
  }

  // MARK: - Microphone and agent

  /// Two seconds of speech with overdriven tips, then its hangover.
  @Test(arguments: sizes) func micHangover(_ size: Size) throws {
    var script = Script()
    script.connect()
    for i in 0..<100 {
      let isLoud = i % 20 == 7
      Self.frame(
        1_000 + Double(i) * 20, &script, level: -12, isSpeech: true, swing: isLoud ? 32_767 : 9_000,
        clipped: isLoud ? 3 : 0)
    }
    for i in 0..<9 { Self.frame(3_000 + Double(i) * 20, &script, level: -58, isSpeech: true, swing: 30) }
    try check(.mic, "hangover", size, script)
  }

  /// A speech model decides: its probability against its threshold, in speech, in the hangover, and where a loud noise is
  /// no speech to it.
  @Test(arguments: sizes, ["speech", "hang", "noise"]) func micProbability(_ size: Size, _ moment: String) throws {
    var script = Script()
    script.connect()
    let isNoise = moment == "noise"
    for i in 0..<100 {
      Self.frame(
        1_000 + Double(i) * 20, &script, level: -12, isSpeech: !isNoise, swing: 9_000, fate: isNoise ? .gated : .sent,
        probability: SpeechProbability(value: isNoise ? 0.04 : 0.93, threshold: isNoise ? 0.5 : 0.35))
    }
    if moment == "hang" {
      for i in 0..<9 {
        Self.frame(
          3_000 + Double(i) * 20, &script, level: -58, isSpeech: true, swing: 30,
          probability: SpeechProbability(value: 0.1, threshold: 0.35))
      }
    }
    try check(.mic, "probability-\(moment)", size, script)
  }

  @Test(arguments: sizes) func micMuted(_ size: Size) throws {
    var script = Script()
    script.connect()
    script.add(.gate(Gate(mode: .gate, muted: true)))
    for i in 0..<60 { Self.frame(1_000 + Double(i) * 20, &script, level: -30, isSpeech: false, fate: .muted) }
    try check(.mic, "muted", size, script)
  }

  @Test(arguments: [DeviceChange.Role.mic, .speaker], sizes) func missingDevice(
    _ role: DeviceChange.Role, _ size: Size
  ) throws {
    var script = Script()
    script.connect()
    script.add(
      .device(
        DeviceChange(
          role: role, state: .failed, name: "default", text: "no sound card was found", remedy: "plug one in")))
    try check(role == .mic ? .mic : .agent, "missing", size, script)
  }

  @Test(arguments: sizes) func agentUnderruns(_ size: Size) throws {
    var script = Script.live
    for _ in 0..<3 {
      script.add(.playoutChange(PlayoutChange(ResponseID(3), .underrun(playedMs: 0))))
      script.add(.playoutChange(PlayoutChange(ResponseID(3), .undecodable("no such codec"))))
    }
    script.playout(3, amplitude: 9_000, depthMs: 12)
    try check(.agent, "underruns", size, script)
  }

  // MARK: - Transcript

  private static var long: Script {
    var script = Script.live
    for i in 0..<12 {
      script.turn("question number \(i)", "answer number \(i)", response: 4 + i, waitMs: 400 + Double(i) * 130)
    }
    return script
  }

  @Test(arguments: sizes) func transcriptFull(_ size: Size) throws { try check(.transcript, "full", size, Self.long) }

  @Test(arguments: sizes) func transcriptScrolled(_ size: Size) throws {
    try check(.transcript, "scrolled", size, Self.long) { $0.press(Key(.pageUp), Key(.up)) }
  }

  @Test(arguments: sizes) func transcriptSearched(_ size: Size) throws {
    try check(.transcript, "searched", size, Self.long) { $0.command("search number 7") }
  }

  @Test(arguments: sizes) func transcriptScripts(_ size: Size) throws {
    var script = Script()
    script.connect()
    script.turn("今何時ですか。東京の天気はどうですか。明日は雨が降りますか。", "それは良い質問です。👩‍🚀🇩🇪👍🏽 e\u{301}", response: 1)
    script.turn("שלום עולם, מה שלומך היום", "مرحبا بالعالم، كيف حالك اليوم", response: 2)
    try check(.transcript, "scripts", size, script)
  }

  @Test(arguments: sizes) func transcriptBroken(_ size: Size) throws {
    var script = Script.live
    let id = LinkID(1)
    script.add(.connection(ConnectionChange(id, .closed(code: 1006, reason: "reset", by: .network))))
    script.at(script.now.milliseconds + 2_340)
    script.add(
      .connection(ConnectionChange(LinkID(2), .ready(sessionID: "s_8f2c", resumed: true))))
    script.turn("are you still there", "I am.", response: 4)
    script.add(.connection(ConnectionChange(LinkID(2), .closed(code: 1000, by: .client))))
    try check(.transcript, "broken", size, script)
  }

  @Test(arguments: [Pane.latency, .buffers], sizes) func engines(_ pane: Pane, _ size: Size) throws {
    try check(pane, "engines", size, .engines(missing: pane == .buffers))
  }

  // MARK: - A word of agreement over the answer

  @Test(arguments: [Pane.transcript, .latency], sizes) func backchannel(_ pane: Pane, _ size: Size) throws {
    var script = Script()
    script.connect()
    script.backchannel()
    try check(pane, "backchannel", size, script)
  }

  // MARK: - Buffers and latency

  @Test(arguments: sizes) func buffersFull(_ size: Size) throws {
    var script = Script.live
    for i in 0...20 { script.queues(uplink: i * 5, dropped: i * 3) }
    try check(.buffers, "full", size, script) {
      _ = $0.update(
        .selfReport(
          SelfReport(frameMs: 4.2, cellsChanged: 4_210, mailboxDepth: 1_312, droppedEntries: 7, cpuPercent: 12.5)))
    }
  }

  /// The server claims too little, a turn was spoken over, and the cursor is on the one that was cut.
  @Test(arguments: sizes + [Size(width: 120, height: 40)]) func latencyChosen(_ size: Size) throws {
    try check(.latency, "chosen", size, Self.long) { console in
      console.command("turn 3")
    }
  }

  @Test(arguments: sizes) func buffersOutage(_ size: Size) throws {
    var script = Script.live
    let id = LinkID(1)
    script.add(.connection(ConnectionChange(id, .closed(code: 1006, by: .network))))
    script.queues(uplink: 100, dropped: 31)
    script.at(script.now.milliseconds + 2_340)
    script.add(
      .connection(ConnectionChange(LinkID(2), .open(stages: [ConnectStage(.tcp, ms: 0.3)]))))
    script.add(.connection(ConnectionChange(LinkID(2), .ready(sessionID: "s_8f2c", resumed: true))))
    script.add(.roundTrip(RoundTrip(link: LinkID(2), ms: nil)))
    try check(.buffers, "outage", size, script)
  }

  @Test(arguments: sizes + [Size(width: 120, height: 40)]) func findingsFull(_ size: Size) throws {
    var script = Script.live
    let base64 = String(repeating: "U", count: 4_000)
    for i in 0..<3 {
      script.at(script.now.milliseconds + 40)
      script.message(.toClient, #"{"type":"audio","data":"\#(base64)"}"#)
      script.message(.toClient, #"{"type":"interrupted"}"#)
      script.message(
        .toClient, #"{"type":"audio","data":"UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA="}"#)
      if i > 0 { script.message(.toClient, #"{"type":"audio","data":"AAAA\#(base64)","seq":\#(i * 4)}"#) }
      script.message(.toClient, #"{"type":"response_complete"}"#)
    }
    script.message(.toClient, #"{"type":"transcript_final","text":"tell me"}"#)
    script.message(.toClient, #"{"type":"transcript_final","text":"a joke"}"#)
    script.add(.roundTrip(RoundTrip(link: LinkID(1), ms: nil)))
    script.add(.connection(ConnectionChange(LinkID(1), .closed(code: 1006, by: .network))))
    try check(.findings, "full", size, script)
  }

  @Test(arguments: sizes) func latencyFull(_ size: Size) throws { try check(.latency, "full", size, Self.long) }
}
