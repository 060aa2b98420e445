import Console
import Screen
import TestKit
import Timeline

/// A session written by hand.
typealias Script = TestKit.Script<Void>

extension Script {
  /// 20 ms of microphone audio, with its message when it is sent.
  mutating func mic(_ amplitude: Int16, fate: MicFrame.Fate, isSpeech: Bool) {
    let level = amplitude > 200 ? -23.0 : -62.0
    add(
      .micFrame(
        MicFrame(
          sampleCount: 320, rate: 16_000, rmsDB: level, peakDB: level + 9,
          peaks: (0..<4).map { i in
            let swing = Int16(Int(amplitude) * (2 + (entries.count + i) % 5) / 6)
            return Peak(low: -swing, high: swing)
          }, fate: fate, vadLevelDB: level, vadThresholdDB: -45, isSpeech: isSpeech)))
    if fate == .sent {
      // 320 samples.
      let base64 = String(repeating: "A", count: 854) + "=="
      message(.toServer, #"{"audio":"\#(base64)","seq":\#(sentAudioCount),"type":"audio"}"#)
      sentAudioCount += 1
    }
  }

  mutating func playout(_ response: Int?, amplitude: Int16, depthMs: Double) {
    let peaks = (0..<4).map { i in
      let swing = Int16(Int(amplitude) * (1 + (entries.count + i) % 4) / 4)
      return Peak(low: -swing, high: swing)
    }
    playout(response: response, peaks: peaks, rmsDB: response == nil ? -120 : -20, depthMs: depthMs, deviceDelayMs: 20)
  }

  /// Connecting, up to `ready`.
  /// - Parameter engines: members of `ready` about what the server hears and speaks with.
  mutating func connect(engines: String = "") {
    add(
      .sessionStarted(
        SessionStarted(
          version: "0.1.0", wallClockMilliseconds: 1_790_000_000_000, url: "ws://127.0.0.1:8765/voice",
          dialect: "voice", inputRate: 16_000, input: "mic:default", output: "speaker:default")))
    add(.device(DeviceChange(role: .mic, state: .open, name: "mic:default", text: "16000 Hz")))
    add(.device(DeviceChange(role: .speaker, state: .open, name: "speaker:default", text: "16000 Hz")))
    add(.gate(Gate(mode: .gate)))
    add(.connection(ConnectionChange(LinkID(1), .connecting, attempt: 1)))
    at(now.milliseconds + 3)
    add(
      .connection(
        ConnectionChange(LinkID(1), .open(stages: [ConnectStage(.tcp, ms: 0.2), ConnectStage(.upgrade, ms: 1.4)]))))
    at(now.milliseconds + 2)
    message(
      .toClient,
      #"{"type":"ready","sessionId":"s_8f2c","protocol":"voice/1","resumeToken":"hunter2-secret"\#(engines)}"#)
    add(.connection(ConnectionChange(LinkID(1), .ready(sessionID: "s_8f2c"))))
    add(.roundTrip(RoundTrip(link: LinkID(1), ms: 1.2)))
    queues()
  }

  mutating func queues(uplink: Int = 0, dropped: Int = 0) {
    add(.queue(QueueDepth(name: .uplink, depth: uplink, capacity: 100, dropped: dropped, unit: .frames)))
    add(.queue(QueueDepth(name: .socket, depth: 0, capacity: nil, dropped: 0, unit: .bytes)))
  }

  /// A spoken turn of about three seconds: the user for one, the answer after `waitMs`, heard for one.
  mutating func turn(_ said: String, _ answer: String, response: Int, waitMs: Double = 640, cut: Bool = false) {
    let start = now.milliseconds
    add(.voiceEdge(VoiceEdge(isStart: true, sinceMs: 30)))
    message(.toServer, #"{"type":"speech_start"}"#)
    for i in 0..<50 {
      at(start + Double(i) * 20)
      mic(Int16(3000 + (i * 37) % 20 * 150), fate: .sent, isSpeech: true)
      if i == 25 {
        message(.toClient, #"{"type":"transcript_interim","text":"\#(said.split(separator: " ")[0])"}"#)
      }
    }
    add(.voiceEdge(VoiceEdge(isStart: false, sinceMs: 20)))
    message(.toServer, #"{"type":"speech_end"}"#)
    let end = now.milliseconds
    at(end + waitMs * 0.6)
    message(.toClient, #"{"type":"transcript_final","text":"\#(said)"}"#)
    at(end + waitMs * 0.75)
    message(.toClient, #"{"type":"response_text","text":"\#(answer)"}"#)
    at(end + waitMs * 0.9)
    let base64 = String(repeating: "U", count: 4_000)
    for _ in 0..<5 { message(.toClient, #"{"type":"audio","data":"\#(base64)","format":"pcm16","rate":16000}"#) }
    at(end + waitMs)
    if response == 1 {
      add(.playoutChange(PlayoutChange(ResponseID(response), .format("pcm16", rate: 16_000))))
    }
    add(.playoutChange(PlayoutChange(ResponseID(response), .started)))
    for i in 0..<50 {
      at(end + waitMs + Double(i) * 20)
      mic(60, fate: .gated, isSpeech: false)
      playout(response, amplitude: Int16(5000 + (i * 53) % 17 * 200), depthMs: 120 - Double(i % 7) * 9)
    }
    if cut {
      add(.operatorAct(OperatorAct(.interrupt)))
      message(.toServer, #"{"type":"interrupt"}"#)
      add(
        .playoutChange(
          PlayoutChange(ResponseID(response), .flushed(playedMs: 1000, discardedMs: 1900))))
      at(now.milliseconds + 8)
      message(.toClient, #"{"type":"interrupted"}"#)
    } else {
      message(.toClient, #"{"type":"response_complete"}"#)
      message(.toClient, #"{"type":"metrics","turn":\#(response),"stt_ms":380,"llm_ttft_ms":90,"tts_ttfb_ms":70}"#)
      add(.playoutChange(PlayoutChange(ResponseID(response), .finished(playedMs: 1000))))
    }
    queues()
    at(now.milliseconds + 400)
  }

  /// A turn over whose answer the user says a word of agreement: the server holds the answer for 484 ms and goes on.
  mutating func backchannel(_ said: String = "Uh huh.") {
    turn("tell me a story", "Once upon a time there was a lighthouse keeper.", response: 1)
    let start = now.milliseconds
    at(start)
    message(.toClient, #"{"type":"transcript_final","text":"go on"}"#)
    at(start + 60)
    message(.toClient, #"{"type":"response_text","text":"He wrote a letter to the sea every single evening."}"#)
    let base64 = String(repeating: "U", count: 4_000)
    for _ in 0..<10 { message(.toClient, #"{"type":"audio","data":"\#(base64)","format":"pcm16","rate":16000}"#) }
    add(.playoutChange(PlayoutChange(ResponseID(2), .started)))
    for i in 0..<20 {
      at(start + 100 + Double(i) * 20)
      playout(2, amplitude: 5_000, depthMs: 120)
    }
    add(.voiceEdge(VoiceEdge(isStart: true, sinceMs: 30)))
    message(.toClient, #"{"type":"user_speech_start"}"#)
    at(start + 520)
    message(.toClient, #"{"type":"response_held"}"#)
    add(.playoutChange(PlayoutChange(ResponseID(2), .held(playedMs: 400, takenBackMs: 0, remainingMs: 0))))
    at(start + 900)
    add(.voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    message(.toClient, #"{"type":"user_speech_end"}"#)
    message(.toClient, #"{"type":"transcript_final","text":"\#(said)"}"#)
    at(start + 1004)
    message(.toClient, #"{"type":"response_resumed"}"#)
    add(.playoutChange(PlayoutChange(ResponseID(2), .resumed(playedMs: 400))))
    for i in 0..<20 {
      at(start + 1020 + Double(i) * 20)
      playout(2, amplitude: 5_000, depthMs: 120)
    }
  }

  /// A turn of a server that names its engines, with what they cost; with `missing`, not those that it would like to have.
  static func engines(missing: Bool) -> Script {
    var script = Script()
    script.connect(
      engines: missing
        ? #","stt":"pocketsphinx","detector":"sphinx","voice":"slt","missing":"moonshine, joe","remedy":"sidetone engines install""#
        : #","stt":"moonshine","detector":"silero","voice":"joe""#)
    script.at(1_000)
    script.turn("what time is it", "It is noon.", response: 1)
    script.message(
      .toClient,
      #"{"type":"metrics","turn":1,"stt_ms":380,"llm_ttft_ms":90,"tts_ttfb_ms":140,"voice":"\#(missing ? "slt" : "joe")","stt_queue":2}"#
    )
    return script
  }

  /// Three turns, the last of them cut, and the beginning of a fourth.
  static var live: Script {
    var script = Script()
    (script.entries, script.now, script.sentAudioCount) = written
    return script
  }

  /// Written once for all tests.
  private static let written: ([Entry], Timestamp, Int) = {
    var script = Script()
    script.connect()
    script.at(1_000)
    script.turn("what time is it in berlin", "It is half past nine in Berlin.", response: 1)
    script.turn("turn on the light in the kitchen", "The kitchen light is on.", response: 2, waitMs: 905)
    script.turn(
      "tell me a story",
      "Once upon a time there was a lighthouse keeper who wrote a letter to the sea every single evening, "
        + "and every morning the sea had written back.", response: 3, waitMs: 702, cut: true)
    script.add(.voiceEdge(VoiceEdge(isStart: true, sinceMs: 30)))
    script.message(.toServer, #"{"type":"speech_start"}"#)
    let start = script.now.milliseconds
    for i in 0..<30 {
      script.at(start + Double(i) * 20)
      script.mic(Int16(3000 + (i * 37) % 20 * 150), fate: .sent, isSpeech: true)
    }
    script.message(.toClient, #"{"type":"transcript_interim","text":"what did I just"}"#)
    return (script.entries, script.now, script.sentAudioCount)
  }()

  /// A console of this size that has seen everything, drawn once.
  func console(_ width: Int = 120, _ height: Int = 40, _ change: (inout ConsoleOptions) -> Void = { _ in }) -> Console {
    var options = ConsoleOptions()
    options.themes = ["default", "nord", "paper"]
    change(&options)
    var console = Console(options)
    _ = console.update(.event(.resized(Size(width: width, height: height))))
    _ = console.update(.entries(entries))
    _ = console.update(
      .selfReport(SelfReport(frameMs: 0.8, cellsChanged: 212, mailboxDepth: 0, droppedEntries: 0, cpuPercent: 1.4)))
    return console
  }
}

extension Console {
  /// Presses keys and returns the effects of all of them, but for what goes into the history.
  @discardableResult
  mutating func press(_ keys: Key...) -> [ConsoleEffect] {
    keys.flatMap { update(.event(.key($0))) }.filter { if case .remember = $0 { false } else { true } }
  }

  /// Types text as keys.
  @discardableResult
  mutating func type(_ text: String) -> [ConsoleEffect] { text.flatMap { update(.event(.key(.char($0)))) } }

  /// Runs a line at the `:` prompt.
  @discardableResult
  mutating func command(_ line: String) -> [ConsoleEffect] {
    var effects = press(.char(":"))
    effects += type(line)
    effects += press(Key(.enter))
    return effects
  }

  func text(_ width: Int = 120, _ height: Int = 40) -> String { view(Size(width: width, height: height)).text }
}
