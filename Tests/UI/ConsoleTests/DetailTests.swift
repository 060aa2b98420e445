import Audio
import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

/// The opened message: folding, hex, audio, files.
struct DetailTests {
  private static let json = #"{"type":"tool","arguments":{"room":"kitchen","levels":[1,2,3]},"none":[],"end":true}"#

  private func opened(_ text: String = json) -> Console {
    var script = Script.live
    script.message(.toClient, text)
    var console = script.console()
    console.press(Key(.enter))
    return console
  }

  @Test func objectsFoldAtTheCursorAndUnfold() {
    var console = opened()
    console.press(Key(.down), Key(.down), Key(.enter))
    #expect(console.text().contains(#""arguments": { 2 keys },"#))
    #expect(!console.text().contains("kitchen"))
    console.press(.char(" "))
    #expect(console.text().contains("kitchen"))
    // On a member, what it lies in is folded.
    console.press(Key(.down), Key(.down), Key(.down), Key(.enter))
    #expect(console.text().contains(#""levels": [ 3 elements ]"#))
    console.press(.char("-"))
    #expect(console.text().contains(#""arguments": { 2 keys },"#))
    console.press(.char("+"))
    #expect(console.text().contains("kitchen"))
    console.press(Key(.home), Key(.enter))
    #expect(console.text().contains("{ 4 keys }"))
  }

  @Test func everyLineIsVisibleOrFolded() throws {
    var outline = JSONOutline(JSONPretty(Array(Self.json.utf8)))
    let all = outline.visible.count
    #expect(all == 13)
    outline.foldAll()
    #expect(outline.visible.map { outline.text($0).plain }.joined(separator: "|").contains("2 keys"))
    #expect(outline.visible.count == 6)
    outline.unfoldAll()
    #expect(outline.visible.count == all)
    #expect(outline.plainText.contains("\"levels\": ["))
  }

  @Test func hexIsASwitch() {
    var console = opened()
    console.press(.char("h"))
    #expect(console.text().contains("7b 22 74 79 70 65"))
    console.press(.char("-"))
    #expect(console.text().contains("nothing to fold"))
    console.press(.char("h"))
    #expect(console.text().contains(#""type": "tool""#))
  }

  @Test func whereHexShowsNothingNewThatIsSaid() {
    var script = Script()
    script.connect()
    var console = script.console()
    console.press(.char("g"), Key(.enter), .char("h"))
    #expect(console.currentMessage?.payload == nil)
    #expect(console.text().contains("there are no bytes to show: this is no message"))
    script.at(1000)
    script.binary(.toClient, [1, 2, 3, 0])
    console = script.console()
    console.press(Key(.enter), .char("h"))
    #expect(console.text().contains("01 02 03") && console.text().contains("this is shown as hex already"))
  }

  @Test func whetherItIsHeardIsTold() {
    var console = audio([[1, 2, 3]]).console()
    console.press(Key(.enter), .char("p"))
    let index = console.readings.nextIndex ?? 0
    let soon = console.now + .milliseconds(20)
    let started = Notice(.auditionStarted, .info, .speaker, "playing 500 ms of recorded audio")
    _ = console.update(.entries([Entry(index: index, at: soon, event: .notice(started))]))
    #expect(console.flash?.text == "playing 500 ms of recorded audio")
    let notice = Notice(.other("test"), .warning, .speaker, "nothing is played", remedy: "start with a speaker")
    _ = console.update(.entries([Entry(index: index + 1, at: soon, event: .notice(notice))]))
    #expect(console.flash?.text == "nothing is played; start with a speaker")
  }

  @Test func aMessageIsScrolledOnAScreenWithoutRoom() {
    var console = opened(#"{"a":{"b":[1,2,3]}}"#)
    for height in [1, 2, 3, 5] {
      _ = console.update(.event(.resized(Size(width: 60, height: height))))
      _ = console.update(.event(.mouse(Mouse(.wheelDown, x: 3, y: 0))))
      console.press(Key(.up), Key(.end), Key(.home))
      #expect(console.currentMessage != nil)
    }
  }

  @Test func whatIsCopiedIsWhole() throws {
    let long = String(repeating: "QUJD", count: 300)
    var console = opened(#"{"type":"audio","data":"\#(long)"}"#)
    #expect(!console.text().contains(long))
    #expect(console.press(.char("y")) == [.copy("{\n  \"type\": \"audio\",\n  \"data\": \"\(long)\"\n}")])
    // Too much for a clipboard: then the shape of it.
    console = opened(#"{"type":"audio","data":"\#(String(repeating: long, count: 100))"}"#)
    guard case .copy(let shape)? = console.press(.char("y")).first else { return #expect(Bool(false)) }
    #expect(shape.utf8.count < 1_000 && shape.contains(#""type": "audio""#))
  }

  @Test func messagesAreWrittenByteForByte() {
    var console = opened("{ \"a\" :1}")
    console.press(.char("w"))
    console.type("/tmp/x.json")
    let bytes = Array("{ \"a\" :1}".utf8)
    #expect(console.press(Key(.enter)) == [.write(path: "/tmp/x.json", bytes: bytes, replaces: false)])
    #expect(console.command("write! /tmp/x.json").last == .write(path: "/tmp/x.json", bytes: bytes, replaces: true))
    // Spaces belong to the path.
    #expect(console.command("write /tmp/a b").last == .write(path: "/tmp/a b", bytes: bytes, replaces: false))
    #expect(console.command("mute! ").isEmpty)
    #expect(console.text().contains("mute knows no !; only write! does"))
    console.press(Key(.escape))
    _ = console.update(.done("wrote 9 B to /tmp/x.json"))
    #expect(console.text().contains("wrote 9 B to /tmp/x.json"))
  }

  @Test func anOpenedMessageIsEditedAndSentAgain() {
    var console = opened(#"{"type":"text","text":"a"}"#)
    console.press(.char("e"), .control("r"))
    #expect(console.press(.control("s")) == [.command(.sendRaw(.string(#"{"type":"text","text":"a"}"#)))])
  }

  // MARK: - Audio

  private func audio(_ samples: [[Int16]]) -> Script {
    var script = Script()
    script.connect()
    for piece in samples {
      script.at(script.now.milliseconds + 20)
      guard
        let frame = VoiceDialect().encode(
          .audio(AudioPayload(bytes: PCM16.bytes(of: piece), format: "pcm16", rate: 16_000)), from: .server)
      else { continue }
      script.message(.toClient, String(decoding: frame.payload, as: UTF8.self))
    }
    return script
  }

  @Test func audioIsSeenAndPlayedFromTheOpenedMessageOn() throws {
    let pieces: [[Int16]] = (0..<10).map { i in
      let (high, low) = (Int16(i * 1000), Int16(-i * 500))
      return (0..<320).map { k in k % 2 == 0 ? high : low }
    }
    var console = audio(pieces).console()
    console.press(Key(.enter), Key(.right), Key(.right))
    let clip = try #require(console.currentMessage?.clip)
    #expect(clip.samples == pieces.flatMap(\.self))
    #expect(clip.opened == 640..<960)
    #expect(clip.duration == .milliseconds(200))
    #expect(clip.peaks(10).map(\.high) == (0..<10).map { Int16($0 * 1000) })
    #expect(clip.peaks(10).map(\.low) == (0..<10).map { Int16(-$0 * 500) })
    #expect(console.text().contains("pcm16  16 000 Hz  20 ms of 200 ms"))
    let effects = console.press(.char("p"))
    guard case .command(.listen(let payloads))? = effects.first else {
      Issue.record("nothing is played")
      return
    }
    #expect(payloads.count == 8)
    #expect(payloads.first?.bytes == PCM16.bytes(of: pieces[2]))
  }

  @Test func whyNothingIsPlayedIsSaid() {
    var replay = audio([[1, 2, 3]]).console { $0.port = .recording }
    #expect(replay.press(Key(.enter), .char("p")) == [])
    #expect(replay.text().contains("listen is for a live session, and this is a recording"))
    var words = opened()
    #expect(words.press(.char("p")) == [])
    #expect(words.text().contains("no audio in this message"))
  }

  @Test func streamsAreDecodedAcrossMessages() throws {
    let samples = (0..<1000).map { Int16($0 * 7 % 3000) }
    let bytes = PCM16.bytes(of: samples)
    func payload(_ bytes: ArraySlice<UInt8>) -> LogPayload {
      LogPayload(
        entry: 0, row: 0, at: .zero, way: .toClient, isText: false, bytes: Array(bytes), byteCount: bytes.count)
    }
    // Cut in the middle of a sample.
    let members = [payload(bytes[..<333]), payload(bytes[333..<900]), payload(bytes[900...])]
    let clip = try #require(AudioClip(members, opened: 0, reader: DialectReader(PCMDialect()), rate: 16_000))
    #expect(clip.samples == samples)
    let wav = WAV.header(rate: 8_000, sampleCount: samples.count) + bytes
    let file = try #require(AudioClip([payload(wav[...])], opened: 0, reader: DialectReader(), rate: 16_000))
    #expect(file.samples == samples)
    #expect(file.rate == 8_000)
    #expect(file.format == "wav")
    let opus = try #require(
      AudioClip([payload(Array("OggS\u{0}\u{2}xxxxxxxx".utf8)[...])], opened: 0, reader: DialectReader(), rate: 16_000))
    #expect(opus.samples.isEmpty)
    #expect(opus.problem != nil)
  }
}
