import CPocketSphinx
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

  /// The models add probabilities with logarithms to which they keep a bare pointer. Once those are freed, whatever
  /// takes their place decides the sums, or the crash: an array of the decoder's own, or the blocks made here.
  @Test func theLanguageModelIsHalfGeneralAndHalfDomain() throws {
    let decoder = try makeDecoder()
    let blocks = (0..<2000).map { _ in
      // As large as a `logmath_t`.
      let block = malloc(80)!
      memset(block, 0xA5, 80)
      return block
    }
    defer { for block in blocks { free(block) } }
    let outer = try #require(ps_get_lm(decoder.decoder, PocketSphinxDecoder.modelName))
    // The decoder puts what it is given into a set of its own.
    let mixed = try #require(ngram_model_set_lookup(outer, nil))
    let parts = try ["general", "domain"].map { (name: String) in try #require(ngram_model_set_lookup(mixed, name)) }
    for word in ["what", "time", "is", "it", "the", "lights", "on", "twenty", "story", "you"] {
      let halves = parts.map { 0.5 * pow(1.0001, Double(score(of: word, in: $0))) }
      let sum = log(halves[0] + halves[1]) / log(1.0001)
      let mixedScore = Double(score(of: word, in: mixed))
      #expect(abs(mixedScore - sum) <= 3, "\(word): \(mixedScore) instead of \(sum)")
    }
  }

  /// The logarithm, to the base 1.0001, of a word's probability with nothing before it.
  private func score(of word: String, in model: OpaquePointer) -> Int32 {
    var used: Int32 = 0
    return ngram_ng_score(model, ngram_wid(model, word), nil, 0, &used)
  }

  @Test func decodersMadeAtTheSameTimeHearTheSame() throws {
    let speech =
      roomSilence(0.4) + (try TypedSpeech.speak("what time is it in berlin", voice: "kal16", rate: 16_000))
      + roomSilence(0.4)
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
