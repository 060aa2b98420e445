import Audio
import Foundation
import TestKit

@testable import Speech

/// What people have said, from two packages of Debian that only tests unpack: PocketSphinx's test data (BSD; readers of
/// LibriVox and a player of cards) and Asterisk's prompts (CC-BY-SA; one professional speaker, telephone band).
enum Recordings {
  struct Clip: Sendable, CustomStringConvertible {
    var name: String
    var words: String
    var description: String { name }
  }

  static let readings = [
    Clip(
      name: "pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0870.wav",
      words: "and mister john dashwood had then leisure to consider how much there might be prudently in his power "
        + "to do for them"),
    Clip(
      name: "pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0880.wav",
      words: "he was not an ill disposed young man"),
    Clip(
      name: "pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0890.wav",
      words: "unless to be rather cold hearted and rather selfish is to be ill disposed"),
    Clip(
      name: "pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0930.wav",
      words: "he might even have been made amiable himself"),
    Clip(name: "pocketsphinx/test/data/goforward.raw", words: "go forward ten meters"),
    Clip(name: "pocketsphinx/test/data/something.raw", words: "go somewhere and do something"),
  ]

  static let prompts = [
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

  private static func prompt(_ name: String, _ words: String) -> Clip {
    Clip(name: "asterisk/sounds/en_US_f_Allison/\(name).wav", words: words)
  }

  /// 16 kHz mono.
  static func samples(of clip: Clip) throws -> [Int16] {
    guard let unpacked = Unpacked("recordings") else { throw CocoaError(.fileNoSuchFile) }
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: unpacked.path("usr/share/\(clip.name)"))))
    guard clip.name.hasSuffix(".wav") else { return AudioFormat.pcm16.monoSamples(of: bytes[...]) }
    guard case .header(let header) = WAV.parse(bytes) else { throw CocoaError(.fileReadCorruptFile) }
    let samples = WAV.monoSamples(of: bytes[header.dataOffset...], header: header)
    guard header.rate != 16_000 else { return samples }
    let resampler = Resampler(from: header.rate, to: 16_000)
    return resampler.process(samples) + resampler.flush()
  }

  /// Words as they are compared: folded, digits as they are.
  static func folded(_ text: String) -> String {
    let spelled = text.lowercased().replacing("-", with: " ")
    return String(spelled.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "'" })
      .split(separator: " ").joined(separator: " ").replacing("mr ", with: "mister ")
  }
}
