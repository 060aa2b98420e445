import Engines
import Foundation
import TestKit
import Testing
import Threads

@testable import Speech

@Suite struct VoicePartsTests {
  private func ipa(_ text: String) throws -> String {
    PhoneticAlphabet.text(of: try #require(Flite.words(of: text)))
  }

  @Test(arguments: [
    ("Hello, world.", "həlˈoʊ, wˈɜːld."), ("It is sunny in the city!", "ɪt ɪz sˈʌni ɪn ðə sˈɪti!"),
    ("A vision of joy? Yes; you thought so: choose.", "ə vˈɪʒən əv dʒˈɔɪ? jˈɛs; juː θˈɔːt soʊ: tʃˈuːz."),
    // The mark may stand behind a closing quote, or alone.
    ("He said \"half past nine.\"", "hi sˈɛd hˈæf pˈæst nˈaɪn."), ("now , really ...", "nˈaʊ, ɹˈɪli."),
    ("yes - no", "jˈɛs, nˈoʊ"), ("", ""), ("!", ""),
  ])
  func textIsWrittenInTheAlphabetOfPiper(text: String, sounds: String) throws {
    let made = try ipa(text)
    #expect(made == sounds)
  }

  @Test(arguments: [
    ("Dr. Smith owes $3.50.", "doctor smith owes three dollars fifty cents"),
    ("On March 3rd 2024 at 10:45.", "on march third twenty twenty four at ten forty five"),
    ("1,000 people, 25% sure.", "one thousand people twenty five per cent sure"), ("20 degrees", "twenty degrees"),
  ])
  func numbersAndAbbreviationsAreSpeltOut(text: String, words: String) throws {
    let made = try #require(Flite.words(of: text))
    #expect(made.map(\.text).joined(separator: " ") == words)
    #expect(made.allSatisfy { !$0.phones.isEmpty })
  }

  @Test func theFrontEndLeavesFlitesOwnVoicesAsTheyAre() {
    func spoken(_ voice: String) -> Int {
      var count = 0
      _ = Flite.speak("Hello there.", voice: voice) { samples in
        count += samples.count
        return true
      }
      return count
    }
    let before = spoken("slt")
    #expect(before > 8_000)
    #expect(Flite.words(of: "Hello there.")?.count == 2)
    // The excitation is random, the length is not.
    #expect(spoken("slt") == before)
    #expect(spoken("kal16") > 8_000)
  }

  // MARK: Chunks

  /// Words of five phones each; a capital makes a function word, a mark stays one.
  private func words(_ text: String) -> [SpokenWord] {
    text.split(separator: " ").map { word in
      let mark = word.last.flatMap { ",.;:?!".contains($0) ? $0 : nil }
      let phones = [SpokenWord.Phone](repeating: .init(name: "aa", isStressed: true), count: 5)
      return SpokenWord(text: word.first!.isUppercase ? "the" : String(word), phones: phones, mark: mark)
    }
  }

  private func cut(_ text: String, _ chunks: inout SpokenChunks) -> [String] {
    let words = words(text)
    let lengths = chunks.cut(words).map(\.count)
    #expect(lengths.reduce(0, +) == words.count && !lengths.contains(0))
    var rest = text.split(separator: " ")[...]
    return lengths.map { length in
      defer { rest = rest.dropFirst(length) }
      return rest.prefix(length).joined(separator: " ")
    }
  }

  @Test(arguments: [
    ("b", ["b"]), ("", []), ("b b b b b.", ["b b b b b."]), ("b, b b b b b b b b b", ["b,", "b b b b", "b b b b b"]),
    ("b b b, b b b b b b b b b b", ["b b b,", "b b b b b b b b b b"]),
    ("b b b b b b b b b b b b b", ["b b b b", "b b b b b b b b b"]),
    // A pause sounds natural before a function word, and not behind it.
    ("b b The b b b b b b b b b b b", ["b b", "The b b b b b", "b b b b b b"]),
    ("b b b The b b b b b b b b b b", ["b b b", "The b b b b b b b b b b"]),
  ])
  func theFirstChunkIsShort(text: String, chunks: [String]) {
    var cutter = SpokenChunks()
    #expect(cut(text, &cutter) == chunks)
  }

  @Test func chunksGrowAndAreBounded() {
    var cutter = SpokenChunks()
    let text = String(repeating: "b b b b b b b, ", count: 30)
    let phones = cut(text, &cutter).map { $0.split(separator: " ").count * 5 }
    #expect(phones[0] <= SpokenChunks.opening + SpokenChunks.opening / 4)
    #expect(phones.max()! <= SpokenChunks.longest + SpokenChunks.longest / 4)
    for index in phones.indices.dropFirst() {
      let before = phones[..<index].reduce(0, +)
      #expect(phones[index] <= max(SpokenChunks.opening, 3 * before) * 5 / 4)
    }
    // The next sentence of the answer need not begin short again.
    #expect(cut("b b b b b b b b b b b b b b b b b b b b", &cutter).count == 1)
    // A word that is too long is not cut.
    let long = SpokenWord(text: "x", phones: .init(repeating: .init(name: "aa", isStressed: false), count: 500))
    #expect(cutter.cut([long, long]).map(\.count) == [1, 1])
  }

  @Test(arguments: [16_000, 22_050])
  func chunksAreJoinedWithThePauseOfTheirMark(rate: Int) {
    let quiet = [Int16](repeating: 3, count: 22_050 / 2)
    let loud = (0..<22_050).map { Int16(8000 * ($0 % 2 == 0 ? 1 : -1)) }
    /// Milliseconds of a second of sound with half a second of silence on both sides.
    func length(_ mark: Character?, isLast: Bool, quiet: [Int16] = quiet) -> Double {
      var shaper = ChunkShaper(from: 22_050, to: rate)
      let audio = shaper.process(quiet + loud + quiet, endingWith: mark, isLast: isLast) + shaper.finish()
      return Double(audio.count) * 1000 / Double(rate) - 1010
    }
    #expect(abs(length(nil, isLast: false) - 30) < 3)
    #expect(abs(length(",", isLast: false) - 180) < 3)
    #expect(abs(length(".", isLast: false) - 290) < 3)
    #expect(abs(length(".", isLast: true) - 150) < 3)
    // Where the voice makes too short a pause, it is lengthened, and only then.
    #expect(abs(length(",", isLast: false, quiet: []) - 100) < 3)
    #expect(abs(length(nil, isLast: false, quiet: []) + 10) < 3)
  }

  @Test func joinsDoNotClick() {
    var shaper = ChunkShaper(from: 22_050, to: 22_050)
    // Ends at full level: cut in the middle of a sound.
    let chunk = [Int16](repeating: 8000, count: 4410)
    let audio = (0..<2).flatMap { _ in shaper.process(chunk, endingWith: nil, isLast: false) } + shaper.finish()
    let steps = zip(audio, audio.dropFirst()).map { abs(Int($0) - Int($1)) }
    #expect(steps.max()! < 300)
  }

  @Test func aLoudChunkIsRaisedToFullScaleAndNoFurther() {
    var shaper = ChunkShaper(from: 16_000, to: 16_000)
    let chunk = [Int16](repeating: 1000, count: 800) + [Int16](repeating: -30_000, count: 800)
    let audio = shaper.process(chunk, endingWith: nil, isLast: true) + shaper.finish()
    #expect(audio.max() == 1600 && audio.min() == -32_768)
  }

  @Test func silenceIsNoChunk() {
    var shaper = ChunkShaper(from: 22_050, to: 16_000)
    #expect(shaper.process([Int16](repeating: 9, count: 9999), endingWith: ",", isLast: false) == [])
    #expect(shaper.finish().allSatisfy { $0 == 0 })
  }

  // MARK: The voice's own file

  private static let goodFile = """
    {"audio":{"sample_rate":22050},"inference":{"noise_scale":0.667,"length_scale":1,"noise_w":0.8},"num_symbols":256,
     "phoneme_id_map":{"_":[0],"^":[1],"$":[2],"a":[14],"\\u0259":[59],"ab":[7]}}
    """

  @Test func aVoiceSaysHowItsSoundsAreNumbered() throws {
    let configuration = try PiperConfiguration(parsing: Array(Self.goodFile.utf8), of: "f")
    #expect(configuration.rate == 22_050 && configuration.scales == [0.667, 1, 0.8])
    #expect(configuration.input(for: "aəxa") == [1, 0, 14, 0, 59, 0, 14, 0, 2])
    #expect(configuration.input(for: "") == [1, 0, 2])
  }

  @Test(arguments: [
    ("22050", "1e99"), ("22050", "0"), ("22050", "22050.5"), ("0.667", "-1"),
    ("\"length_scale\":1", "\"length_scale\":0"),
    ("0.8", "\"much\""), ("256", "0"), ("256", "1e18"), ("[14]", "[256]"), ("[14]", "[-1]"), ("[14]", "[]"),
    ("[14]", "[1e300]"), ("[14]", "14"), ("phoneme_id_map", "map"), ("audio", "sound"), ("{\"audio\"", "\"audio\""),
  ])
  func aDamagedFileIsRefused(good: String, bad: String) {
    let text = Self.goodFile.replacing(good, with: bad)
    #expect(text != Self.goodFile)
    #expect(throws: EngineFault.self) { try PiperConfiguration(parsing: Array(text.utf8), of: "f") }
  }

  @Test func aFileWithoutEndIsRefused() {
    let bytes = [UInt8](repeating: 0x20, count: PiperConfiguration.fileLimit + 1)
    #expect(throws: EngineFault.self) { try PiperConfiguration(parsing: bytes, of: "f") }
    #expect(throws: EngineFault.self) { try PiperConfiguration(parsing: [], of: "f") }
  }

  // MARK: The table

  @Test func thePageHasTheTable() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let page = try String(contentsOfFile: "\(root)/docs/decisions/speech.md", encoding: .utf8)
    #expect(page.contains(Voice.markdown), "write this table into the page:\n\(Voice.markdown)")
  }

  @Test func voicesAreFoundByName() throws {
    #expect(Set(Voice.names).count == Voice.all.count)
    #expect(Voice.usage == "joe (Piper), slt, rms, awb, kal16 (flite)")
    #expect(try Voice.usable("rms").rate == 16_000)
    #expect(Voice.quickest.name == "slt")
    #expect(throws: EngineFault(reason: "there is no English voice of that name", remedy: "use \(Voice.usage)")) {
      try Voice.usable("bob")
    }
  }

  // MARK: Turns

  @Test func whoWaitsIsServedInTheOrderOfAsking() {
    let gate = FairGate(width: 1)
    let log = CollectedEvents<Int>()
    let isOpen = Waker()
    let first = NamedThread("first") {
      gate.pass {
        log.append(0)
        isOpen.wait(timeout: nil)
      }
    }
    #expect(log.wait { $0 == [0] })
    let others = (1...4).map { number in
      let thread = NamedThread("other") { gate.pass { log.append(number) } }
      while gate.waitingCount < number { sched_yield() }
      return thread
    }
    #expect(log.all == [0])
    isOpen.wake()
    for thread in [first] + others { thread.join() }
    #expect(log.all == [0, 1, 2, 3, 4])
    #expect(gate.waitingCount == 0)
    // Once it is closed, nobody gets in; closing it again is no wait.
    gate.close()
    gate.close()
    let late = NamedThread("late") { gate.pass { log.append(5) } }
    while gate.waitingCount < 1 { sched_yield() }
    #expect(log.all == [0, 1, 2, 3, 4])
    withExtendedLifetime(late) {}
  }
}
