import Audio
import Testing
import Timeline
import Wire

/// What undeclared audio of the dialect `voice` is, after both sides have agreed on it.
@Suite struct AgreedCodecsTests {
  private var link = VoiceDialect()

  private mutating func read(_ text: String, from side: Side) -> VoiceEvent? {
    link.read(.string(text), from: side).events.first
  }
  private mutating func format(_ message: WireMessage, from side: Side) -> String? {
    guard case .audio(let payload)? = link.read(message, from: side).events.first else { return "no audio" }
    return payload.format
  }
  private mutating func ready(in input: String, out: String) {
    _ = read(#"{"type":"ready","sessionId":"s","audio":{"in":\#(input),"out":\#(out)}}"#, from: .server)
  }
  private static let packet: [UInt8] = [0x48, 1, 2, 3]

  @Test mutating func nothingIsWrittenIntoAudioOfWhoHasAgreedOnNothing() {
    ready(in: #"{"rate":16000}"#, out: #"{"rate":16000,"format":"pcm16"}"#)
    #expect(format(.binary(Self.packet), from: .client) == nil)
    #expect(format(.binary(Self.packet), from: .server) == nil)
  }

  @Test mutating func readySaysWhatBothWaysAre() {
    ready(in: #"{"format":"opus"}"#, out: #"{"format":"mulaw"}"#)
    #expect(format(.binary(Self.packet), from: .client) == "opus")
    #expect(format(.string(#"{"type":"audio","audio":"AAAA"}"#), from: .client) == "opus")
    let declared = WireMessage.string(#"{"type":"audio","audio":"AAAA","format":"wav"}"#)
    #expect(format(declared, from: .client) == "wav", "what is said counts")
    #expect(format(.binary(Self.packet), from: .server) == "mulaw")
    // Another session on the same link knows nothing of it.
    _ = read(#"{"type":"ready","sessionId":"t"}"#, from: .server)
    #expect(format(.binary(Self.packet), from: .client) == nil)
  }

  @Test mutating func configAppliedChangesTheAgentsAudioFromTheNextResponseOn() {
    _ = read(#"{"type":"ready","sessionId":"s"}"#, from: .server)
    _ = read(#"{"type":"response_text","text":"It is"}"#, from: .server)
    let opus = #"{"in":{"format":"opus"},"out":{"format":"opus"}}"#
    _ = read(#"{"type":"config_applied","format":"opus","audio":\#(opus)}"#, from: .server)
    #expect(format(.binary(Self.packet), from: .client) == "opus")
    #expect(format(.binary(Self.packet), from: .server) == nil, "the response goes on as it began")
    _ = read(#"{"type":"response_complete"}"#, from: .server)
    #expect(format(.binary(Self.packet), from: .server) == "opus")
    _ = read(#"{"type":"interrupted"}"#, from: .server)
    _ = read(#"{"type":"config_applied","format":"pcm16","audio":{"in":{"format":"pcm16"}}}"#, from: .server)
    #expect(format(.binary(Self.packet), from: .server) == "pcm16")
    #expect(format(.binary(Self.packet), from: .client) == "pcm16")
  }

  @Test(arguments: ["wav", "flac", "ogg-opus", "xyz", ""]) mutating func otherFormatsAreNotWrittenIn(name: String) {
    ready(in: #"{"format":"\#(name)"}"#, out: #"{"format":"\#(name)"}"#)
    #expect(format(.binary(Self.packet), from: .client) == nil)
    #expect(format(.binary(Self.packet), from: .server) == nil)
  }
}
