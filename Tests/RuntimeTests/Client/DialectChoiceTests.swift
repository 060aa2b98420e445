import TestKit
import Testing
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// What a row of the table gives to the command line, the request and `doctor`.
@Suite struct DialectChoiceTests {
  private func options(_ address: String = "ws://127.0.0.1:9/voice") throws -> SessionOptions {
    SessionOptions(url: try WebSocketURL.parse(address))
  }
  private func toy(_ set: [String] = [], uplink: String? = nil) throws -> DialectChoice {
    try DialectChoice("toy", seat: .client, set: set, uplink: uplink, among: .withToy)
  }
  private func fault(_ make: () throws -> DialectChoice) -> String? {
    do {
      _ = try make()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func aRowIsInTheHelpAndInDoctor() {
    let offer = DialectTable.withToy.offer(to: .client)
    #expect(offer.hasSuffix("toy (A toy of the tests)") && offer.hasPrefix("voice ("))
    #expect(DialectsDocument.markdown(.withToy).contains("`SIDETONE_TOY_KEY`, as the header `X-Toy-Key: Toy …`"))
    for isSet in [false, true] {
      let group = DoctorReport.Group.dialects(DialectTable.withToy.cards) { isSet && $0 == "SIDETONE_TOY_KEY" }
      let row = group.rows.last
      #expect(group.rows.map(\.name) == DialectTable.withToy.names)
      #expect(row?.mark == (isSet ? .here : .absent))
      #expect(row?.text.contains("SIDETONE_TOY_KEY is \(isSet ? "" : "not ")set") == true)
    }
  }

  @Test func theRequestCarriesWhatTheCardSays() throws {
    var options = try options()
    let choice = try toy(["mood=grim"])
    choice.apply(key: "k-123", to: &options)
    #expect(options.url.path == "/voice?model=bear")
    #expect(options.headers.map(\.name) == ["X-Toy-Key"] && options.headers.map(\.value) == ["Toy k-123"])
    #expect(options.subprotocols == ["toy.v1"])
    #expect(options.session.inputRate == 24_000 && options.session.chunkSampleCount == 960)
    #expect(options.dialectSettings.options == ["model": "bear", "mood": "grim"])
    #expect(options.dialects.dialect(options.dialect).name == "toy")
    #expect(options.session.secrets == ["k-123"])
  }

  @Test func whatTheOperatorSaidStands() throws {
    var options = try options("ws://127.0.0.1:9/voice?model=fox")
    options.headers = [("x-toy-key", "mine")]
    options.subprotocols = ["other"]
    try toy().apply(key: "k-123", to: &options)
    #expect(options.url.path == "/voice?model=fox" && options.subprotocols == ["other"])
    #expect(options.headers.map(\.value) == ["mine"])
  }

  @Test func theRateIsTheForms() throws {
    var options = try options()
    try toy(uplink: "mulaw").apply(key: nil, to: &options)
    #expect(options.session.inputRate == 8_000 && options.session.chunkSampleCount == 320)
    #expect(options.dialectSettings.uplink == WireAudioForm(.mulaw, rate: 8_000, .base64))
    let wrong = fault { try toy(uplink: "flac") }
    #expect(wrong == "--uplink flac: the dialect has pcm16@24000, mulaw@8000")
  }

  @Test func ourOwnDialectIsAsItWas() throws {
    var options = try options()
    let before = options
    try DialectChoice("voice", seat: .client).apply(key: nil, to: &options)
    #expect(options.session == before.session && options.url.path == before.url.path && options.subprotocols.isEmpty)
  }

  @Test func wrongChoicesAreToldWithWhatThereIs() {
    let unknown = fault { try DialectChoice("tyo", seat: .client, among: .withToy) }
    #expect(
      unknown?.contains("did you mean toy?") == true && unknown?.contains("voice, pcm") == true, "\(unknown ?? "")")
    let setting = fault { try toy(["colour=red"]) }
    #expect(setting == "dialect toy has no setting \"colour\"; it has model, mood")
    let none = fault { try DialectChoice("voice", seat: .client, set: ["a=b"]) }
    #expect(none == "dialect voice has no setting \"a\"; it has none")
    let shape = fault { try toy(["mood"]) }
    #expect(shape == "--set mood: write it as NAME=VALUE")
  }

  @Test func aKeyGoesToItsOwnServerAlone() throws {
    let card = ToyDialect.card
    #expect(DialectChoice.isHome(try WebSocketURL.parse("ws://127.0.0.1:7/x"), of: card))
    #expect(!DialectChoice.isHome(try WebSocketURL.parse("ws://127.0.0.2:1/toy"), of: card))
    #expect(!DialectChoice.isHome(try WebSocketURL.parse("ws://127.0.0.1:1/toy"), of: VoiceDialect.card))
  }
}
