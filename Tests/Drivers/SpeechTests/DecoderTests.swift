import Foundation
import Glibc
import Testing
import Threads

@testable import Speech

@Suite struct DecoderTests {
  private func makeDecoder() throws -> PocketSphinxDecoder {
    try PocketSphinxDecoder(directory: SpeechModels.standardDirectory, domain: SpeechResources.domainModel)
  }

  private func words(of speech: [Int16], by decoder: PocketSphinxDecoder) -> String {
    decoder.begin()
    for start in stride(from: 0, to: speech.count, by: 320) {
      decoder.process(speech[start..<min(start + 320, speech.count)])
    }
    decoder.end()
    return decoder.words.joined(separator: " ")
  }

  /// The language models point to their logarithms without retaining them. What is written here over every block
  /// that making the decoder has freed would be taken for a table: a decoder that reads a freed one crashes.
  @Test func aDecoderReadsNothingThatWasFreed() throws {
    let speech = roomSilence(0.4) + (try TypedSpeech.speak("turn off all the lights", rate: 16_000)) + roomSilence(0.4)
    let decoder = try makeDecoder()
    // The sizes of small structures, many of each; and the table of a logarithm, 58 kB.
    let sizes = Array(stride(from: 24, through: 248, by: 16)) + [58_000, 59_000, 60_000]
    let blocks = sizes.flatMap { size in
      (0..<(size < 1000 ? 2000 : 20)).map { _ in
        let block = malloc(size)!
        memset(block, 0xA5, size)
        return block
      }
    }
    defer { for block in blocks { free(block) } }
    #expect(words(of: speech, by: decoder) == "turn off all the lights")
  }

  @Test func decodersMadeAtTheSameTimeHearTheSame() throws {
    let speech =
      roomSilence(0.4) + (try TypedSpeech.speak("what time is it in berlin", rate: 16_000)) + roomSilence(0.4)
    let heard = Locked<[String]>([])
    let threads = (0..<3).map { index in
      NamedThread("decoder-\(index)") {
        let text = (try? self.makeDecoder()).map { self.words(of: speech, by: $0) }
        heard.withLock { $0.append(text ?? "no decoder") }
      }
    }
    for thread in threads { thread.join() }
    #expect(heard.withLock { $0 } == Array(repeating: "what time is it in berlin", count: 3))
  }

  @Test func anUtteranceWithoutAudioHasNoWords() throws {
    let decoder = try makeDecoder()
    #expect(words(of: [], by: decoder) == "")
    #expect(words(of: [0, 0, 0], by: decoder) == "")
    // Ended twice, begun twice, forgotten in the middle: each is a rule that a caller may break.
    decoder.end()
    decoder.begin()
    decoder.begin()
    decoder.forgetChannel()
    decoder.forgetChannel()
    #expect(decoder.words.isEmpty)
  }

  @Test func aDictionaryIsReducedToTheWordsOfTheVocabulary() throws {
    let source = FileManager.default.temporaryDirectory.appendingPathComponent("dictionary-\(UUID()).dict").path
    defer { unlink(source) }
    let lines = "laduke L AH D UW K\nread R EH D\nread(2) R IY D\nready R EH D IY\nthe DH AH\n"
    try lines.write(toFile: source, atomically: true, encoding: .utf8)

    let descriptor = try #require(Vocabulary(words: ["read", "the", "unheard"]).dictionary(from: source))
    defer { close(descriptor) }
    let kept = try String(contentsOfFile: "/proc/self/fd/\(descriptor)", encoding: .utf8)
    #expect(kept == "read R EH D\nread(2) R IY D\nthe DH AH\n")

    #expect(Vocabulary(words: ["unheard"]).dictionary(from: source) == nil)
    #expect(Vocabulary(words: ["the"]).dictionary(from: source + ".missing") == nil)
  }
}
