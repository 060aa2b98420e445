import Session
import Testing
import Timeline
import Wire

/// A session in a dialect whose client ends the turns, answers tool calls and tells what was heard.
@Suite struct OpenAISessionTests {
  private func live(isManual: Bool = false, _ change: (inout SessionConfiguration) -> Void = { _ in }) -> Rig {
    var rig = Rig(OpenAIDialect(DialectSettings(isManual: isManual))) {
      $0.inputRate = 16_000
      change(&$0)
    }
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    hear(#"{"type":"session.created","session":{"type":"realtime","id":"s"}}"#, &rig)
    return rig
  }

  @discardableResult
  private func hear(_ text: String, _ rig: inout Rig) -> [SessionEffect] {
    rig.input(.messageReceived(first, .string(text)))
  }

  private func types(_ effects: [SessionEffect]) -> [String] {
    var names: [String] = []
    for message in effects.sent {
      var link = OpenAIDialect()
      let name = link.read(message, from: .client).type
      if name != names.last || name != "input_audio_buffer.append" { names.append(name) }
    }
    return names
  }

  @Test func theSettingsAreSaidFirst() {
    var rig = live()
    #expect(types(rig.all) == ["session.update"])
    rig.speak(.milliseconds(600))
    rig.stayQuiet(.seconds(2))
    // Its detector counts audio: silence goes out after speech, and no word about its end.
    #expect(types(rig.all) == ["session.update", "input_audio_buffer.append"])
  }

  /// The silence that was agreed on is sent, whatever the dialect's own is.
  @Test func asMuchSilenceIsSentAsTheServerWants() {
    var rig = live()
    hear(
      #"{"type":"session.updated","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":1500}}}}}"#,
      &rig)
    rig.speak(.milliseconds(600))
    let before = rig.all.sent.count
    rig.stayQuiet(.seconds(3))
    let sent = rig.all.sent[before...].map(\.payload.count).filter { $0 > 500 }.count * 20
    // With the margin, and as long as the detector needs to see that the speech is over.
    #expect((1700...2200).contains(sent), "\(sent) ms")
  }

  /// The operator is told, and the settings are said as the server reads them.
  @Test func aServerInTheBetaShapeIsNoticed() throws {
    var rig = Rig(OpenAIDialect())
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    let greeted = hear(#"{"type":"session.created","session":{"id":"s","modalities":["audio","text"]}}"#, &rig)
    let notice = try #require(greeted.notices.first { $0.id == .otherDialect })
    #expect(notice.text.contains("openai-beta") && notice.remedy?.contains("--dialect openai-beta") == true)
    let opening = try #require(greeted.sent.first)
    #expect(String(decoding: opening.payload, as: UTF8.self).contains(#""input_audio_format":"pcm16""#))
    #expect(!live().all.notices.contains { $0.id == .otherDialect })
  }

  @Test func lettingGoOfTheKeyEndsTheTurn() {
    var rig = live(isManual: true) { $0.gateMode = .ptt }
    rig.command(.setTalking(true))
    rig.speak(.milliseconds(800))
    let before = rig.all.sent.count
    let released = rig.command(.setTalking(false))
    #expect(types(released).suffix(2) == ["input_audio_buffer.commit", "response.create"])
    // No silence is sent for it.
    #expect(rig.all.sent.count - before <= 3)
    rig.stayQuiet(.seconds(2))
    #expect(types(rig.all).filter { $0 == "input_audio_buffer.commit" }.count == 1)
  }

  private func call(_ id: String, _ name: String = "f") -> String {
    let fields = #""response_id":"r","item_id":"i","call_id":"\#(id)","name":"\#(name)","arguments":"{}""#
    return #"{"type":"response.function_call_arguments.done",\#(fields)}"#
  }

  @Test func aCallThatCannotBeAnsweredAnyMoreIsTold() {
    var rig = live()
    hear(#"{"type":"response.created","response":{"id":"r"}}"#, &rig)
    for i in 0..<32 { hear(call("c\(i)"), &rig) }
    #expect(!rig.all.notices.contains { $0.id == .toolCallForgotten })
    hear(call("c32"), &rig)
    #expect(
      rig.all.notices.last { $0.id == .toolCallForgotten }?.text.contains("the oldest cannot be answered") == true)
    let oldest = rig.command(.sendToolResult("x"))
    #expect(String(decoding: oldest.sent[0].payload, as: UTF8.self).contains(#""call_id":"c1""#))
    for i in 33...34 { hear(call("c\(i)"), &rig) }
    #expect(rig.all.notices.count { $0.id == .toolCallForgotten } == 1, "the second of a kind waits for the tenth")
    let next = rig.command(.sendToolResult("x"))
    #expect(String(decoding: next.sent[0].payload, as: UTF8.self).contains(#""call_id":"c3""#))
  }

  @Test func toolResultsGoToTheirCalls() {
    var rig = live()
    #expect(rig.command(.sendToolResult("x")).notices.map(\.severity) == [.warning])
    hear(#"{"type":"response.created","response":{"id":"r"}}"#, &rig)
    for id in ["c1", "c2"] {
      hear(
        #"{"type":"response.function_call_arguments.done","response_id":"r","item_id":"i","call_id":"\#(id)","name":"f","arguments":"{}"}"#,
        &rig)
    }
    hear(#"{"type":"response.done","response":{"id":"r","status":"completed"}}"#, &rig)
    // By name, with what stands behind it; then the oldest.
    let named = rig.command(.sendToolResult("c2 two words"))
    #expect(types(named) == ["conversation.item.create"])
    #expect(named.acts.map(\.command) == [.toolResult])
    #expect(String(decoding: named.sent[0].payload, as: UTF8.self).contains(#""call_id":"c2","output":"two words""#))
    let oldest = rig.command(.sendToolResult(#"{"a":1}"#))
    #expect(types(oldest) == ["conversation.item.create", "response.create"])
    #expect(String(decoding: oldest.sent[0].payload, as: UTF8.self).contains(#""call_id":"c1","output":"{\"a\":1}""#))
    #expect(rig.command(.sendToolResult("c1 again")).sent.isEmpty)
  }
}
