import Audio
import Foundation

/// What people have said, from two packages of Debian that only tests and benchmarks unpack: PocketSphinx's test data (BSD;
/// readers of LibriVox, players of cards, digits) and Asterisk's prompts (CC-BY-SA; one professional speaker, 8 kHz).
public enum Recordings {
  /// A recording, and what is said in it.
  public struct Clip: Sendable, Equatable, CustomStringConvertible {
    /// Its file, in `usr/share`: WAV, or raw samples of 16 bits at 16 kHz.
    public var name: String
    public var words: String
    public var description: String { name }
  }

  /// Why a recording cannot be had, in words.
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private static let testData = "pocketsphinx/test/data"
  private static let sounds = "asterisk/sounds/en_US_f_Allison"

  /// Sentences of PocketSphinx's test data. One more is left out because its transcript has a word too many.
  public static let readings = [
    reading(
      "0870",
      "and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them"
    ),
    reading("0880", "he was not an ill disposed young man"),
    reading("0890", "unless to be rather cold hearted and rather selfish is to be ill disposed"),
    reading("0930", "he might even have been made amiable himself"),
    Clip(name: "\(testData)/goforward.raw", words: "go forward ten meters"),
    Clip(name: "\(testData)/something.raw", words: "go somewhere and do something"),
  ]

  /// Short phrases of PocketSphinx's test data: cards and digits.
  public static let commands = [
    Clip(name: "\(testData)/cards/001.wav", words: "ten of clubs"),
    Clip(name: "\(testData)/cards/002.wav", words: "four queen of clubs"),
    Clip(name: "\(testData)/cards/003.wav", words: "seven of clubs"),
    Clip(name: "\(testData)/cards/004.wav", words: "five five"),
    Clip(name: "\(testData)/cards/005.wav", words: "eight of spades four of clubs seven of hearts"),
    Clip(name: "\(testData)/tidigits/dhd.2934z.raw", words: "two nine three four zero"),
  ]

  /// Some of Asterisk's prompts.
  public static let prompts = [
    prompt("agent-incorrect", "login incorrect please enter your agent number followed by the pound key"),
    prompt("auth-incorrect", "password incorrect please enter your password followed by the pound key"),
    prompt("conf-extended", "the conference has been extended"),
    prompt("conf-invalid", "that is not a valid conference number please try again"),
    prompt("conf-kicked", "you have been kicked from this conference"),
    prompt("conf-leaderhasleft", "the leader has left the conference"),
    prompt("conf-onlyperson", "you are currently the only person in this conference"),
    prompt("conf-waitforleader", "the conference will begin when the leader arrives"),
    prompt("dir-nomatch", "no directory entries match your search"),
    prompt("dir-nomore", "there are no more compatible entries in the directory"),
    prompt("followme/sorry", "i'm sorry but i was unable to locate the person you are calling"),
    prompt("please-try-call-later", "please try your call again later"),
    prompt("priv-recordintro", "at the tone please say your name"),
    prompt("queue-thankyou", "thank you for your patience"),
    prompt(
      "queue-youarenext",
      "your call is now first in line and will be answered by the next available representative"),
    prompt(
      "ss-noservice", "the number you have dialed is not in service please check the number and try again"),
  ]

  private static func reading(_ number: String, _ words: String) -> Clip {
    Clip(name: "\(testData)/librivox/sense_and_sensibility_01_austen_64kb-\(number).wav", words: words)
  }
  private static func prompt(_ name: String, _ words: String) -> Clip {
    Clip(name: "\(sounds)/\(name).wav", words: words)
  }

  // MARK: Asterisk's list of prompts

  /// All of Asterisk's prompts whose transcripts can be compared with what is heard, in the list's order.
  /// - Throws: `Failure` when the recordings are not there, or their list cannot be read.
  public static func allPrompts() throws -> [Clip] {
    let unpacked = try unpacked()
    let list = unpacked.path("usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
    let reader = try ChildProcess("/bin/gzip", ["-dc", list])
    guard reader.waitUntilExit() == 0 else { throw Failure(description: "gzip cannot read \(list)") }
    return prompts(inList: reader.lines).filter {
      FileManager.default.fileExists(atPath: unpacked.path("usr/share/\($0.name)"))
    }
  }

  /// The sentences of the list: `NAME: TEXT`, four words or more and 45 at most.
  ///
  /// Left out are comments, sounds, parts of sentences, a text that was listed before, and texts that do not say how they are
  /// spoken: with signs, names of products, numbers of several digits, and words that the list spells wrong.
  static func prompts(inList lines: [String]) -> [Clip] {
    var seen: Set<[String]> = []
    return lines.compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard !line.hasPrefix(";"), parts.count == 2 else { return nil }
      let text = parts[1].trimmingCharacters(in: .whitespaces)
      let words = WordErrors.folded(text)
      guard (4...45).contains(words.count), !text.contains(where: { "[]()<>\"#*&@/:".contains($0) }),
        !text.hasPrefix("..."), !text.hasSuffix("..."), !text.hasSuffix(" currently"), !text.contains(longNumber),
        !words.contains(where: unclear.contains), seen.insert(words).inserted
      else { return nil }
      return prompt(String(parts[0]), text)
    }
  }

  private nonisolated(unsafe) static let longNumber = /\d\d/
  private static let unclear: Set<String> = [
    "www", "iax", "pbx", "inter", "digium", "asterisk", "witheld", "represenatives", "umute", "indentified", "three d",
    "thru", "q", "decending", "comedian",
  ]

  /// A choice of so many that is the same each time, in the order of the clips.
  /// - Parameter seed: another seed, another choice.
  public static func choice(_ count: Int, of clips: [Clip], seed: UInt64 = 7) -> [Clip] {
    var random = SeededGenerator(seed: seed)
    var left = Array(clips.indices)
    let chosen = (0..<min(count, clips.count)).map { _ in left.remove(at: random.below(left.count)) }
    return chosen.sorted().map { clips[$0] }
  }

  // MARK: Audio

  /// The clip's audio: 16 kHz mono.
  /// - Throws: `Failure` when the recordings are not there, or the file is not of the kind that its name says.
  public static func samples(of clip: Clip) throws -> [Int16] {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path(of: clip))))
    guard clip.name.hasSuffix(".wav") else { return AudioFormat.pcm16.monoSamples(of: bytes[...]) }
    guard case .header(let header) = WAV.parse(bytes) else { throw Failure(description: "\(clip.name) is no WAV file") }
    let samples = WAV.monoSamples(of: bytes[header.dataOffset...], header: header)
    return Signals.resampled(samples, from: header.rate, to: 16_000)
  }

  /// Where the clip's file is.
  /// - Throws: `Failure` when the recordings are not there.
  public static func path(of clip: Clip) throws -> String { try unpacked().path("usr/share/\(clip.name)") }

  private static func unpacked() throws(Failure) -> Unpacked {
    guard let unpacked = Unpacked("recordings") else { throw Failure(description: Unpacked.comment("recordings")) }
    return unpacked
  }
}
