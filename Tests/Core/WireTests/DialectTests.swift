import Audio
import Testing
import Timeline
import Wire

// What holds for every dialect, whatever it is called.

/// An event of each kind, of each side that may say it.
enum Sample {
  static let ref = WireRef(response: "r_1", item: "i_1", part: 0)!

  static func events(_ kind: VoiceEvent.Kind, _ form: WireAudioForm) -> [VoiceEvent] {
    switch kind {
    case .audio:
      [
        .audio(
          AudioPayload(
            bytes: [UInt8](repeating: 0x11, count: 320), rate: form.carriage == .base64 ? form.rate : nil))
      ]
    case .ping: [.ping(InBandPing(id: "7"))]
    case .pong: [.pong(InBandPing(id: "7"))]
    case .mark: [.mark("sentence-1")]
    case .dtmf: [.dtmf("5")]
    case .toolResult: [.toolResult(ToolResult(id: "c_1", name: "weather", output: #"{"c":4}"#))]
    case .interrupt: [.interrupt]
    case .heard: [.heard(HeardAudio(of: ref, ms: 1180))]
    case .turnEnd: [.turnEnd]
    case .audioDiscarded: [.audioDiscarded]
    case .responseRequest: [.responseRequest(.object([:]))]
    case .config: [.config(.object(["language": .string("de")]))]
    case .speechStart: [.speechStart]
    case .speechEnd: [.speechEnd]
    case .text: [.text("what time is it, \u{1F600} \"now\"?")]
    case .ready: [.ready(Ready(sessionID: "s_1"))]
    case .userSpeechStart: [.userSpeechStart]
    case .userSpeechEnd: [.userSpeechEnd]
    case .transcriptInterim: [.transcriptInterim("what ti")]
    case .transcriptFinal: [.transcriptFinal("what time is it?")]
    case .responseStarted: [.responseStarted]
    case .responseText: [.responseText("It is noon.")]
    case .responseComplete: [.responseComplete]
    case .interrupted: [.interrupted]
    case .responseHeld: [.responseHeld]
    case .responseResumed: [.responseResumed]
    case .responseCorrected: [.responseCorrected("It is")]
    case .toolCall: [.toolCall(ToolCall(id: "c_1", name: "weather", arguments: #"{"city":"Oslo"}"#))]
    case .toolCallsCancelled: [.toolCallsCancelled(["c_1"])]
    case .metrics: [.metrics(ServerMetrics(turn: 3, sttMs: 5))]
    case .usage: [.usage(Usage(inputTokens: 60, outputTokens: 30, totalTokens: 90))]
    case .rateLimits: [.rateLimits([RateLimit(name: "tokens", limit: 40_000, remaining: 39_120, resetSeconds: 1.5)])]
    case .expiry: [.expiry(.inSeconds(50))]
    case .resumeToken: [.resumeToken("handle-1")]
    case .pause: [.pause]
    case .resume: [.resume]
    case .configApplied: [.configApplied(.object(["language": .string("de")]))]
    case .error: [.error(ServerError(message: "no", code: "auth"))]
    case .unknown, .malformed: []
    }
  }
}

@Suite struct DialectTests {
  /// Both ends of a link that was opened, with what makes a message of that kind sayable said before.
  private func link(
    _ row: any Dialect.Type, before kind: VoiceEvent.Kind? = nil
  ) -> (client: any Dialect, server: any Dialect) {
    var (client, server): (any Dialect, any Dialect) = (row.init(DialectSettings()), row.init(DialectSettings()))
    let opensFirst = row.card.readiness == .afterOpening
    if opensFirst { self.pass(.opening(resume: nil), from: .client, &client, &server) }
    if kind == .ready { return (client, server) }
    func pass(_ event: VoiceEvent, of: WireRef? = nil) {
      guard row.card.serverSays.contains(event.kind) else { return }
      self.pass(.event(event, of: of), from: .server, &server, &client)
    }
    pass(.ready(Ready(sessionID: "s_0")))
    if !opensFirst { self.pass(.opening(resume: nil), from: .client, &client, &server) }
    pass(.configApplied(.object([:])))
    // A bare pipe is told to clear only when it has said so itself.
    if row.card.interruption == .flushOnly { pass(.interrupted) }
    if kind == .toolResult { Sample.events(.toolCall, row.card.downlink.preferred).forEach { pass($0) } }
    if kind == .interrupt || kind == .heard {
      let form = row.card.downlink.preferred
      let bytes = [UInt8](repeating: 0x11, count: 2 * form.rate * (form.codec.sampleByteCount ?? 1))
      pass(.audio(AudioPayload(bytes: bytes, rate: form.carriage == .base64 ? form.rate : nil)), of: Sample.ref)
    }
    return (client, server)
  }

  /// One end says it, and both read it.
  @discardableResult
  private func pass(
    _ saying: Saying, from side: Side, _ speaker: inout any Dialect, _ reader: inout any Dialect
  ) -> [Reading] {
    let messages = speaker.say(saying, as: side, at: .zero)
    for message in messages { _ = speaker.read(message, from: side) }
    return messages.map { reader.read($0, from: side) }
  }

  @Test(arguments: DialectTable.builtIn.names) func whatOneSeatSaysTheOtherReads(name: String) throws {
    let row = try #require(DialectTable.builtIn[name])
    for (side, kinds) in [(Side.client, row.card.clientSays), (.server, row.card.serverSays)] {
      for kind in VoiceEvent.Kind.allCases {
        let form = (side == .client ? row.card.uplink : row.card.downlink).preferred
        for event in Sample.events(kind, form) {
          var (client, server) = link(row, before: kind)
          let read =
            side == .client
            ? pass(.event(event), from: side, &client, &server) : pass(.event(event), from: side, &server, &client)
          guard kinds.contains(kind) else {
            #expect(read.allSatisfy { !$0.events.contains(event) }, "\(name) says \(kind), which its card leaves out")
            continue
          }
          let events = read.flatMap(\.events)
          if case .audio(let payload) = event {
            let audio = events.compactMap { if case .audio(let it) = $0 { it } else { nil } }
            #expect(audio.flatMap(\.bytes) == payload.bytes, "\(name): \(kind)")
            #expect(read.contains { $0.isAudio })
          } else if let (said, members) = settings(event) {
            // With the settings that were said, others may stand.
            #expect(
              events.contains { settings($0).map { $0 == said && $1.merging(members) { $1 } == $1 } ?? false },
              "\(name): \(kind) was read as \(events)")
          } else {
            #expect(events.contains(event), "\(name): \(kind) was read as \(events)")
          }
          #expect(read.allSatisfy { !$0.type.isEmpty && $0.type != "?" }, "\(name): \(kind) has no type")
        }
      }
    }
  }

  private func settings(_ event: VoiceEvent) -> (kind: VoiceEvent.Kind, members: [String: JSONValue])? {
    switch event {
    case .config(.object(let members)), .configApplied(.object(let members)): (event.kind, members)
    default: nil
    }
  }

  @Test(arguments: DialectTable.builtIn.names) func aReaderOfBothSidesEndsAsTheSpeakersDo(name: String) throws {
    let row = try #require(DialectTable.builtIn[name])
    var (client, server) = link(row)
    var witness: any Dialect = row.init(DialectSettings())
    if row.card.interruption == .flushOnly {
      for message in server.say(.event(.interrupted), as: .server, at: .zero) {
        _ = witness.read(message, from: .server)
      }
    }
    for side in [Side.client, .server] {
      for kind in VoiceEvent.Kind.allCases
      where (side == .client ? row.card.clientSays : row.card.serverSays).contains(kind) {
        for event in Sample.events(kind, row.card.uplink.preferred) {
          let messages =
            side == .client
            ? client.say(.event(event), as: side, at: .zero) : server.say(.event(event), as: side, at: .zero)
          for message in messages {
            let readings = [
              client.read(message, from: side), server.read(message, from: side), witness.read(message, from: side),
            ]
            #expect(readings[0] == readings[1] && readings[1] == readings[2], "\(name): \(kind)")
          }
        }
      }
    }
  }

  @Test(arguments: DialectTable.builtIn.names) func noBytesTrapAndStateIsBounded(name: String) throws {
    let row = try #require(DialectTable.builtIn[name])
    var dialect: any Dialect = row.init(DialectSettings())
    for text in [
      "", "{", "[]", "null", "{\"type\":7}", "{\"type\":null}", "\u{FEFF}{}", String(repeating: "[", count: 4000),
    ] {
      for side in [Side.client, .server] {
        let readings = [dialect.read(.string(text), from: side), dialect.read(.binary(Array(text.utf8)), from: side)]
        #expect(readings.allSatisfy { !$0.type.isEmpty })
        _ = dialect.owes(as: side, at: .zero)
      }
    }
  }

  // MARK: The table

  @Test func namesAreUniqueAndPlain() {
    let names = DialectTable.builtIn.names
    #expect(Set(names).count == names.count && names.first == "voice")
    for name in names {
      #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
    }
    for card in DialectTable.builtIn.cards {
      #expect(!card.title.isEmpty && !card.notes.isEmpty)
      #expect(Set(card.options.map(\.name)).count == card.options.count)
      for forms in [card.uplink, card.downlink] {
        #expect(forms.all.allSatisfy { Resampler.supportedRates.contains($0.rate) } && forms.chunk > .zero)
      }
    }
  }

  @Test(arguments: [("vioce", "voice"), ("VOICE", "voice"), ("pmc", "pcm"), ("p", "pcm"), ("morse", nil), ("", nil)])
  func anUnknownNameIsToldWithTheNearest(name: String, nearest: String?) {
    do {
      _ = try DialectTable.builtIn.row(name)
      Issue.record("\(name) is no dialect")
    } catch {
      #expect(error.nearest == nearest)
      #expect(error.description.contains("voice, pcm"), "\(error)")
    }
  }

  @Test func whatIsNotKnownHereIsShownAndPretendsNothing() {
    var dialect = DialectTable.builtIn.dialect("of-tomorrow")
    #expect(dialect.name == "of-tomorrow")
    let text = dialect.read(.string(#"{"type":"audio","data":"AQI="}"#), from: .server)
    let binary = dialect.read(.binary([1, 2]), from: .client)
    #expect(text == Reading("text", []) && binary == Reading("binary", []))
    let said = dialect.say(.event(.interrupt), as: .client, at: .zero)
    #expect(said.isEmpty)
    #expect(!dialect.card.needsReady && dialect.card.clientSays.isEmpty)
  }

  // MARK: A glance

  @Test(arguments: DialectTable.builtIn.names) func audioIsSeenAtAGlance(name: String) throws {
    let row = try #require(DialectTable.builtIn[name])
    let bytes = (0..<640).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    for side in [Side.client, .server] {
      var dialect: any Dialect = row.init(DialectSettings())
      let said = dialect.say(.event(.audio(AudioPayload(bytes: bytes))), as: side, at: .zero)
      // What else begins a response is said before.
      #expect(said.last?.isLikelyAudio == true, "\(name)")
    }
  }

  @Test(arguments: [
    #"{"type":"response.output_audio.delta","event_id":"event_20","response_id":"resp_1","item_id":"item_a1","delta":"@"}"#,
    #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"@"}}]}}}"#,
    #"{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"@"}}"#,
    #"{"user_audio_chunk":"@"}"#, #"{"audio_event":{"audio_base_64":"@","event_id":3},"type":"audio"}"#,
    #"{"message_type":"input_audio_chunk","audio_base_64":"@","commit":false,"sample_rate":16000}"#,
  ])
  func audioOfOtherProtocolsToo(template: String) {
    let base64 = String(repeating: "Q_k-", count: 120)
    let text = template.split(separator: "@", omittingEmptySubsequences: false).joined(separator: base64)
    #expect(WireMessage.string(text).isLikelyAudio)
    #expect(WireMessage.binary(Array(text.utf8)).isLikelyAudio)
    let words = template.split(separator: "@", omittingEmptySubsequences: false).joined(
      separator: String(repeating: "no sound but words ", count: 30))
    #expect(!WireMessage.string(words).isLikelyAudio)
    #expect(!WireMessage.string("").isLikelyAudio && WireMessage.binary([1, 2]).isLikelyAudio)
  }
}
