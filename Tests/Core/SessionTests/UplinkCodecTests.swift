import Audio
import Testing
import Timeline
import Wire

@testable import Session

/// The user's audio in the codec that the server agrees to.
@Suite struct UplinkCodecTests {
  /// A session whose encoder makes one byte of each 20 ms: the number of the message.
  private struct Coded {
    var rig: Rig
    var encoded = 0
    /// What the encoder was given, in samples, and whether it was to give all.
    var jobs: [(count: Int, codec: WireCodec, isLast: Bool)] = []

    init(_ ready: Ready, wish: WireCodec = .opus, chunk: Int = 320) {
      rig = Rig {
        $0.gateMode = .ptt
        $0.codec = wish
        $0.chunkSampleCount = chunk
      }
      rig.input(.started)
      rig.input(.connectionOpened(first, stages: []))
      rig.hear(.ready(ready))
    }

    mutating func run(_ effects: [SessionEffect]) {
      var rest = effects[...]
      while let effect = rest.popFirst() {
        guard case .encode(let id, let samples, let codec, let isLast) = effect else { continue }
        jobs.append((samples.count, codec, isLast))
        encoded += 1
        rest += rig.input(.audioEncoded(id, [[0x48, UInt8(truncatingIfNeeded: encoded)]]))[...]
      }
    }

    mutating func speak(_ duration: Duration) {
      run(rig.command(.setTalking(true)))
      for _ in 0..<Int(duration.milliseconds / 20) { run(rig.speak(.milliseconds(20))) }
      run(rig.command(.setTalking(false)))
      run(rig.stayQuiet(.milliseconds(20)))
    }
  }

  private func ready(_ codec: String?, binary: Bool = true, out: String? = "opus") -> Ready {
    Ready(
      sessionID: "s", inputRate: 16_000, outputRate: 16_000, inputIsBinary: binary ? true : nil, inputFormat: codec,
      outputFormat: out, outputIsBinary: binary ? true : nil)
  }

  @Test func eachMessageIsAPacketAndTheEdgesStandAroundThem() {
    var coded = Coded(ready("opus"))
    coded.speak(.milliseconds(400))
    #expect(coded.rig.all.notices.isEmpty)
    #expect(coded.rig.all.conversation == ["speech_start", "audio", "speech_end"])
    let sent = coded.rig.all.sent.filter { !$0.isText }
    #expect(sent.map(\.payload) == (1...coded.encoded).map { [0x48, UInt8($0)] }, "in order, each once")
    #expect(coded.jobs.allSatisfy { $0.codec == .opus && $0.count <= 320 })
    // 400 ms of speech and 700 ms of silence that closes it.
    #expect(coded.jobs.map(\.count).reduce(0, +) == 17_600)
  }

  @Test func asTextAMessageSaysWhatItIs() {
    var coded = Coded(ready("opus", binary: false))
    coded.speak(.milliseconds(100))
    let audio = coded.rig.all.sentAudio
    #expect(!audio.isEmpty && audio.allSatisfy { $0.format == "opus" && $0.rate == nil })
    #expect(audio.compactMap(\.sequence) == Array(0..<audio.count))
  }

  @Test func aPacketLastsTwentyMillisecondsWhateverAChunkIs() {
    var coded = Coded(ready("opus"), chunk: 1_024)
    coded.speak(.milliseconds(300))
    #expect(coded.jobs.dropLast().allSatisfy { $0.count == 320 })
  }

  @Test func muLawHasItsRateAndKeepsTheChunk() {
    var coded = Coded(
      Ready(sessionID: "s", inputRate: 8_000, inputFormat: "mulaw", outputFormat: "mulaw"), wish: .mulaw, chunk: 1_024)
    coded.speak(.milliseconds(300))
    #expect(coded.rig.all.notices.isEmpty, "8 000 a second is what is sent")
    #expect(coded.jobs.first?.count == 1_024)
    #expect(coded.rig.all.sentAudio.allSatisfy { $0.format == "mulaw" && $0.rate == nil })
  }

  @Test(arguments: [nil, "pcm16", "flac"]) func aServerThatDoesNotTakeItIsToldOfAndGetsPCM(answer: String?) {
    var coded = Coded(ready(answer, out: "pcm16"))
    coded.speak(.milliseconds(100))
    #expect(coded.jobs.isEmpty)
    #expect(coded.rig.all.notices.map(\.id) == [.codecNotTaken])
    #expect(coded.rig.all.notices[0].text.contains("your audio goes out as pcm16, and the agent's comes as pcm16"))
    #expect(coded.rig.all.sent.contains { !$0.isText && $0.payload.count == 640 })
  }

  @Test func whoAsksForNothingSendsPCMAndIsToldNothing() {
    var coded = Coded(Ready(sessionID: "s", outputFormat: "pcm16"), wish: .pcm16)
    coded.speak(.milliseconds(100))
    #expect(coded.jobs.isEmpty && coded.rig.all.notices.isEmpty)
    #expect(coded.rig.all.sentAudio.allSatisfy { $0.format == nil && $0.bytes.count == 640 })
  }

  /// What is said of the utterance waits for what the encoder has of it.
  @Test func nothingOvertakesTheEncoder() {
    var coded = Coded(ready("opus"))
    var effects = coded.rig.command(.setTalking(true))
    effects += coded.rig.speak(.milliseconds(100))
    effects += coded.rig.command(.setTalking(false))
    #expect(coded.rig.all.conversation == ["speech_start"])
    let jobs = effects.count { if case .encode = $0 { true } else { false } }
    #expect(jobs == 1, "one at a time")
    coded.run(effects)
    #expect(coded.rig.all.conversation == ["speech_start", "audio", "speech_end"])
  }

  @Test func aLinkThatIsLostTakesItsPacketWithIt() {
    var coded = Coded(ready("opus"))
    _ = coded.rig.command(.setTalking(true))
    _ = coded.rig.speak(.milliseconds(40))
    coded.rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    coded.rig.untilConnect()
    coded.rig.input(.connectionOpened(second, stages: []))
    coded.run(coded.rig.hear(.ready(ready("opus")), on: second))
    let before = coded.rig.all.sent.count
    coded.run(coded.rig.input(.audioEncoded(first, [[1]])))
    #expect(coded.rig.all.sent.count == before)
    coded.run(coded.rig.speak(.milliseconds(20)))
    #expect(coded.rig.all.sent.count > before, "the other link goes on")
  }

  @Test func aCodecThatIsSetWhileItRunsHoldsOnceItIsConfirmed() {
    var coded = Coded(
      Ready(sessionID: "s", inputIsBinary: true, outputFormat: "pcm16", outputIsBinary: true), wish: .pcm16)
    let wish = #"{"audio":{"in":{"format":"opus"}}}"#
    coded.rig.command(.sendConfig(wish))
    coded.speak(.milliseconds(40))
    #expect(coded.rig.all.sent.allSatisfy { $0.isText }, "meanwhile each message says what it is")
    #expect(coded.rig.all.sentAudio.allSatisfy { $0.format == "pcm16" })
    coded.rig.hear(.configApplied(.object(["audio": .object(["in": .object(["format": .string("opus")])])])))
    coded.speak(.milliseconds(40))
    #expect(coded.jobs.count > 2)
    #expect(coded.rig.all.sent.last { !$0.isText }?.payload.count == 2)
  }
}
