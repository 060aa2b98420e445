import Audio
import Findings
import Testing
import Timeline
import Wire

@Suite struct ResponseRuleTests {
  @Test func audioAfterInterrupted() {
    var script = Script()
    script.received(0, .audio(Script.audio))
    let cut = script.received(100, .interrupted)
    #expect(script.count("audio-after-interrupted") == 0)
    let stale = script.received(130, .audio(Script.audio))
    #expect(script.count("audio-after-interrupted") == 1)
    #expect(script.evidence("audio-after-interrupted") == [cut, stale])
    #expect(script.detail("audio-after-interrupted").contains("30 ms"))
    // The next answer's audio is not stale.
    script.received(500, .transcriptFinal("go on"))
    script.received(600, .audio(Script.audio))
    #expect(script.count("audio-after-interrupted") == 1)
  }

  @Test func responseNeverCompletedBecauseTheNextTurnCame() {
    var script = Script()
    script.received(0, .transcriptFinal("a"))
    let begun = script.received(10, .responseText("b"))
    script.received(20, .responseComplete)
    script.received(1000, .transcriptFinal("c"))
    #expect(script.count("response-never-completed") == 0)
    let open = script.received(1010, .responseText("d"))
    let next = script.received(2000, .transcriptFinal("e"))
    #expect(script.count("response-never-completed") == 1)
    #expect(script.evidence("response-never-completed") == [open, next])
    #expect(begun < open)
  }

  @Test func responseNeverCompletedBecauseNothingCame() {
    var script = Script()
    script.received(0, .audio(Script.audio))
    script.mic(14_999)
    #expect(script.count("response-never-completed") == 0)
    script.mic(15_000)
    script.mic(40_000)
    #expect(script.count("response-never-completed") == 1)
    // A dialect that never says so is not to blame.
    var bare = Script(dialect: PCMDialect())
    bare.binary(0, .toClient, Script.audio.bytes)
    bare.mic(20_000)
    #expect(bare.count("response-never-completed") == 0)
    // Nor is a server whose connection was lost.
    var lost = Script()
    lost.received(0, .audio(Script.audio))
    lost.connection(10, .closed, code: 1006, by: .network)
    lost.mic(20_000)
    #expect(lost.count("response-never-completed") == 0)
  }

  @Test func sendBeforeReady() {
    var script = Script()
    let open = script.connection(0, .open)
    let early = script.sent(5, .audio(Script.audio))
    script.sent(6, .audio(Script.audio))
    #expect(script.count("send-before-ready") == 1)
    #expect(script.evidence("send-before-ready") == [open, early])
    var patient = Script()
    patient.connection(0, .open)
    patient.received(5, .ready(Ready(sessionID: "s")))
    patient.sent(6, .audio(Script.audio))
    #expect(patient.count("send-before-ready") == 0)
    var bare = Script(dialect: PCMDialect())
    bare.connection(0, .open)
    bare.binary(5, .toServer, Script.audio.bytes)
    #expect(bare.count("send-before-ready") == 0)
  }
}

@Suite struct TranscriptRuleTests {
  @Test func finalWithoutInterim() {
    var script = Script()
    script.received(0, .transcriptInterim("what"))
    script.received(10, .transcriptFinal("what time"))
    script.sent(20, .text("typed"))
    script.received(30, .transcriptFinal("typed"))
    script.received(35, .transcriptFinal(""))
    #expect(script.count("final-without-interim") == 0)
    let bare = script.received(40, .transcriptFinal("again"))
    #expect(script.evidence("final-without-interim") == [bare])
  }

  @Test func twoFinals() {
    var script = Script()
    let first = script.received(0, .transcriptFinal("one"))
    let second = script.received(300, .transcriptFinal("two"))
    #expect(script.count("two-finals") == 1)
    #expect(script.evidence("two-finals") == [first, second])
    #expect(script.detail("two-finals").contains("300 ms"))
    script.at(400, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 10)))
    script.received(500, .transcriptFinal("three"))
    script.received(600, .responseText("four"))
    script.received(700, .transcriptFinal("five"))
    script.received(800, .transcriptInterim("six"))
    script.received(900, .transcriptFinal("six"))
    #expect(script.count("two-finals") == 1)
  }

  @Test func aLateFinalThatIsAnsweredTwice() {
    var script = Script()
    let first = script.received(0, .transcriptFinal("What time is it?"))
    script.received(10, .responseText("It is noon."))
    script.received(20, .audio(Script.audio))
    script.received(30, .responseComplete)
    let again = script.received(700, .transcriptFinal("what time is it"))
    #expect(script.evidence("late-final") == [first, again] && script.detail("late-final").contains("700 ms"))
    #expect(script.count("answered-twice") == 0 && script.count("two-finals") == 0)
    let answer = script.received(710, .responseText("It is noon."))
    #expect(script.evidence("answered-twice") == [first, again, answer])
    script.received(720, .audio(Script.audio))
    script.received(730, .responseComplete)
    // Said again by somebody, it is another utterance.
    script.at(800, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 10)))
    script.received(900, .transcriptFinal("what time is it"))
    script.received(910, .responseText("It is noon."))
    #expect(script.count("late-final") == 1 && script.count("answered-twice") == 1)
  }

  @Test func interimShrinks() {
    var script = Script()
    script.received(0, .transcriptInterim("what time"))
    script.received(1, .transcriptInterim("what time is"))
    script.received(2, .transcriptFinal("what time is it"))
    script.received(3, .transcriptInterim("in"))
    #expect(script.count("interim-shrinks") == 0)
    let long = script.received(4, .transcriptInterim("in berlin now"))
    let short = script.received(5, .transcriptInterim("in berlin"))
    #expect(script.evidence("interim-shrinks") == [long, short])
    #expect(script.detail("interim-shrinks") == "3 words became 2")
  }
}

@Suite struct ByteRuleTests {
  private let wav = WAV.header(rate: 16_000, sampleCount: 320) + [UInt8](repeating: 1, count: 640)

  @Test func containerForPCM() {
    var script = Script()
    script.received(0, .audio(AudioPayload(bytes: wav, format: "wav")))
    script.received(1, .audio(AudioPayload(bytes: Script.audio.bytes, format: "pcm16")))
    script.received(2, .audio(AudioPayload(bytes: [0xFF, 0xFF] + Script.audio.bytes)))
    #expect(script.count("container-for-pcm") == 0)
    script.received(3, .audio(AudioPayload(bytes: wav, format: "pcm16")))
    #expect(script.detail("container-for-pcm").contains("wav"))
    // Where nothing is declared, the docs promise that a container is recognised.
    script.binary(4, .toClient, wav)
    script.received(5, .audio(AudioPayload(bytes: wav)))
    #expect(script.count("container-for-pcm") == 1)
    // The bare dialect is raw samples.
    var bare = Script(dialect: PCMDialect())
    bare.binary(0, .toClient, wav)
    #expect(bare.count("container-for-pcm") == 1)
  }

  @Test func pcmForContainer() {
    var script = Script()
    script.received(0, .audio(AudioPayload(bytes: wav, format: "wav")))
    // A header that is sent once is enough.
    script.received(1, .audio(AudioPayload(bytes: Script.audio.bytes, format: "wav")))
    script.received(2, .responseComplete)
    #expect(script.count("pcm-for-container") == 0)
    let raw = script.received(3, .audio(AudioPayload(bytes: Script.audio.bytes, format: "mp3")))
    #expect(script.evidence("pcm-for-container") == [raw])
  }

  @Test func oddByteCount() {
    var script = Script()
    let odd = [UInt8](repeating: 1, count: 641)
    script.received(0, .audio(Script.audio))
    #expect(script.count("odd-byte-count") == 0)
    script.received(1, .audio(AudioPayload(bytes: odd)))
    script.sent(2, .audio(AudioPayload(bytes: odd)))
    #expect(script.count("odd-byte-count") == 2)
    script.received(3, .responseComplete)
    script.received(4, .audio(AudioPayload(bytes: wav + [1], format: "wav")))
    script.received(5, .audio(AudioPayload(bytes: odd, format: "mulaw")))
    #expect(script.count("odd-byte-count") == 2)
  }

  @Test func base64InBinary() {
    var script = Script()
    script.binary(0, .toClient, Script.audio.bytes)
    script.binary(1, .toClient, Array("QUJD".utf8))
    #expect(script.count("base64-in-binary") == 0)
    script.binary(2, .toClient, Array(String(repeating: "QUJD", count: 40).utf8))
    #expect(script.count("base64-in-binary") == 1)
  }

  @Test func chunkTooLong() {
    var script = Script()
    script.received(0, .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 8000))))
    #expect(script.count("chunk-too-long") == 0)
    script.received(1, .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 16_384))))
    #expect(script.detail("chunk-too-long").contains("512 ms"))
    // The same bytes at a higher rate are shorter.
    script.received(2, .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 16_384), rate: 48_000)))
    #expect(script.count("chunk-too-long") == 1)
  }

  @Test func sequences() {
    var script = Script()
    var last = 0
    for number in [5, 6, 7, 0, 1, 2] { last = script.received(Double(number), .audio(numbered(number))) }
    #expect(script.count("sequence-gap") == 0)
    #expect(script.count("sequence-reordered") == 0)
    let gap = script.received(10, .audio(numbered(6)))
    #expect(script.evidence("sequence-gap") == [last, gap])
    #expect(script.detail("sequence-gap") == "3 audio messages missing from the server")
    script.received(11, .audio(numbered(4)))
    #expect(script.count("sequence-reordered") == 1)
    // Another connection counts anew, and the other way has its own count.
    script.connection(12, .open)
    script.received(13, .audio(numbered(50)))
    script.sent(14, .audio(numbered(3)))
    #expect(script.count("sequence-gap") == 1)
    #expect(script.count("sequence-reordered") == 1)
  }

  /// A server can send any number, and must not end the program with it.
  @Test func sequencesOfAnyNumber() {
    var script = Script()
    for (i, number) in [Int.min, .max, .min, -1, .max, .max, .min + 1].enumerated() {
      script.received(Double(i), .audio(numbered(number)))
    }
    #expect(script.count("sequence-gap") == 3 && script.count("sequence-reordered") == 1)
    #expect(script.detail("sequence-gap") == "9223372036854775806 audio messages missing from the server")
  }

  private func numbered(_ number: Int) -> AudioPayload {
    AudioPayload(bytes: Script.audio.bytes, sequence: number)
  }
}
