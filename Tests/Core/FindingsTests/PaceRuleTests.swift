import Findings
import Testing
import Timeline
import Wire

@Suite struct PaceRuleTests {
  /// 20 ms of audio, as declared, each `step` ms; `count` times.
  private func stream(_ script: inout Script, step: Double, count: Int, rate: Int? = nil, uneven: Double = 0) {
    let bytes = [UInt8](repeating: 1, count: (rate ?? 16_000) / 50 * 2)
    for i in 0..<count {
      script.received(Double(i) * step + (i % 2 == 0 ? 0 : uneven), .audio(AudioPayload(bytes: bytes, rate: rate)))
    }
  }

  @Test func aStreamOfALowerRateThanDeclaredIsAChipmunk() {
    var script = Script()
    // 24 000 Hz declared; 16 000 samples come each second.
    stream(&script, step: 30, count: 120, rate: 24_000)
    #expect(script.count("sample-rate-mismatch") == 1)
    #expect(script.detail("sample-rate-mismatch").contains("16000 Hz"))
    #expect(script.detail("sample-rate-mismatch").contains("chipmunk"))
  }

  @Test func aSteadyStreamThatIsTooFastIsSlowMotion() {
    var script = Script()
    stream(&script, step: 40.0 / 3, count: 700)
    #expect(script.count("sample-rate-mismatch") == 1)
    #expect(script.detail("sample-rate-mismatch").contains("24000 Hz"))
    #expect(script.detail("sample-rate-mismatch").contains("slow motion"))
  }

  @Test func whatTheClockDoesNotPaceSaysNothing() {
    var real = Script()
    stream(&real, step: 20, count: 700)
    #expect(real.count("sample-rate-mismatch") == 0)
    // Synthesis in bursts: fast, and anything but steady.
    var bursts = Script()
    for i in 0..<700 { bursts.received(Double(i / 30) * 400, .audio(Script.audio)) }
    #expect(bursts.count("sample-rate-mismatch") == 0)
    var short = Script()
    stream(&short, step: 10, count: 300)
    #expect(short.count("sample-rate-mismatch") == 0)
  }

  @Test func aStreamAtEightySevenPercentIsSlow() {
    var slow = Script()
    stream(&slow, step: 23, count: 400)
    #expect(slow.count("slow-pace") == 1 && slow.count("sample-rate-mismatch") == 0)
    #expect(slow.detail("slow-pace").contains("at 87 % of real time"))
    // 100 ms at a time, unevenly, and half a second ahead in the beginning.
    var chunks = Script()
    let bytes = [UInt8](repeating: 1, count: 3200)
    for i in 0..<60 {
      chunks.received(max(0, Double(i - 5)) * 115 + Double(i * 7 % 40), .audio(AudioPayload(bytes: bytes)))
    }
    #expect(chunks.count("slow-pace") == 1, "\(chunks.linter.findings.map(\.rule.id))")
    // In real time, with a pause for the next sentence, and what another rate explains.
    var paused = Script()
    for i in 0..<400 {
      paused.received(Double(i) * 20 + (i > 150 ? 900 : 0) + (i > 300 ? 700 : 0), .audio(Script.audio))
    }
    #expect(paused.count("slow-pace") == 0)
    var chipmunk = Script()
    stream(&chipmunk, step: 30, count: 400, rate: 24_000)
    #expect(chipmunk.count("slow-pace") == 0)
    var steady = Script()
    stream(&steady, step: 20, count: 700)
    #expect(steady.count("slow-pace") == 0)
  }

  @Test func aHeaderThatContradictsTheDeclaration() {
    var script = Script()
    let message = script.received(0, .audio(AudioPayload(bytes: [1, 1], format: "wav", rate: 16_000)))
    let format = PlayoutChange(ResponseID(1), .format("wav", rate: 22_050))
    let found = script.at(1, .playoutChange(format))
    #expect(script.evidence("sample-rate-mismatch") == [message, found])
    var fine = Script()
    fine.received(0, .audio(AudioPayload(bytes: [1, 1], format: "wav", rate: 22_050)))
    fine.at(1, .playoutChange(format))
    #expect(fine.count("sample-rate-mismatch") == 0)
  }

  @Test func growingLagOfTheUplink() {
    var script = Script()
    for i in 0..<2000 { script.sent(Double(i) * 20, .audio(Script.audio), waitedMs: Double(i)) }
    #expect(script.count("growing-lag") > 0)
    #expect(script.detail("growing-lag").contains("microphone"))
    var steady = Script()
    for i in 0..<2000 { steady.sent(Double(i) * 20, .audio(Script.audio), waitedMs: Double(i % 300)) }
    #expect(steady.count("growing-lag") == 0)
  }

  @Test func growingLagOfTheAgent() {
    func stamped(_ script: inout Script, slowness: Double) {
      for i in 0..<600 {
        script.received(
          Double(i) * 20 * slowness, .audio(AudioPayload(bytes: Script.audio.bytes, sentAtMs: Double(i) * 20)))
      }
    }
    var script = Script()
    stamped(&script, slowness: 1.1)
    #expect(script.detail("growing-lag").contains("agent"))
    var steady = Script()
    stamped(&steady, slowness: 1)
    #expect(steady.count("growing-lag") == 0)
  }

  @Test func aQueueThatOnlyGrows() {
    func depths(_ depth: (Int) -> Int) -> Script {
      var script = Script()
      for i in 0..<200 {
        script.at(
          Double(i) * 100,
          .queue(QueueDepth(name: .socket, depth: depth(i), capacity: nil, dropped: 0, unit: .bytes)))
      }
      return script
    }
    let growing = depths { $0 * 1000 }
    #expect(growing.count("queue-growth") > 0)
    #expect(growing.detail("queue-growth").hasPrefix("socket never got shorter"))
    #expect(depths { $0 % 50 * 1000 }.count("queue-growth") == 0)
    #expect(depths { _ in 5000 }.count("queue-growth") == 0)
  }
}

@Suite struct LinkRuleTests {
  @Test func aLineThatIsSilentForTooLong() {
    var script = Script()
    let open = script.connection(0, .open)
    script.at(29_000, .roundTrip(RoundTrip(link: LinkID(1), ms: 5)))
    script.mic(50_000)
    #expect(script.count("silent-line") == 0)
    let last = script.entries.count - 2
    let next = script.received(95_000, .pause)
    #expect(script.count("silent-line") == 1)
    #expect(script.evidence("silent-line") == [last, next])
    #expect(script.detail("silent-line").contains("66 s"))
    #expect(script.detail("silent-line").contains("30, 55, 60 s"))
    #expect(open < last)
  }

  @Test func theSilenceEndsWithThePingNotWithItsPong() {
    var script = Script()
    script.connection(0, .open)
    script.at(31_000, .roundTrip(RoundTrip(link: LinkID(1), ms: 2_000)))
    #expect(script.count("silent-line") == 0)
    // Between two connections there is no line.
    script.connection(32_000, .closed, code: 1000, by: .server)
    script.connection(300_000, .open)
    script.received(300_001, .pause)
    #expect(script.count("silent-line") == 0)
  }

  @Test func anUnansweredPing() {
    var script = Script()
    script.at(0, .roundTrip(RoundTrip(link: LinkID(1), ms: 5)))
    #expect(script.count("ping-unanswered") == 0)
    let missed = script.at(1, .roundTrip(RoundTrip(link: LinkID(1), ms: nil)))
    #expect(script.evidence("ping-unanswered") == [missed])
  }

  @Test func aCloseWithoutAFrame() {
    var script = Script()
    let open = script.connection(0, .open)
    script.connection(1, .closed, code: 1000, by: .server)
    script.connection(2, .closed, code: 1006, by: .client)
    #expect(script.count("close-without-frame") == 0)
    let lost = script.connection(3, .closed, code: 1006, by: .network)
    #expect(script.evidence("close-without-frame") == [open, lost])
  }

  @Test(arguments: [
    ("ws://example.org/voice", true as Bool?, true), ("ws://example.org/voice?token=…", nil, true),
    ("ws://example.org/voice?lang=en", nil, false), ("ws://example.org/voice", false, false),
    ("wss://example.org/voice?token=…", true, false), ("ws://127.0.0.1:8765/voice?token=…", true, false),
    ("ws://localhost:8765/voice", true, false), ("ws://[::1]:8765/voice", true, false),
    ("ws://localhost.example.org/voice", true, true),
  ])
  func aCredentialInClear(_ url: String, _ sends: Bool?, _ isFound: Bool) {
    var script = Script()
    script.started(url, sendsCredential: sends)
    #expect(script.count("credential-in-clear") == (isFound ? 1 : 0))
  }

  @Test(arguments: [("ws://example.org/voice", 1), ("wss://example.org/voice", 0), ("ws://127.0.0.1:1/voice", 0)])
  func aCredentialInAMessage(_ url: String, _ count: Int) {
    var script = Script()
    script.started(url, sendsCredential: false)
    script.sent(10, .text("an ellipsis … is no secret"))
    #expect(script.count("credential-in-clear") == 0)
    script.sent(20, .config(.object(["api_key": .string(Redaction.mark)])))
    #expect(script.count("credential-in-clear") == count)
  }
}
