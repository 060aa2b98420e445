import ArgumentParser
import Foundation

/// The command line.
@main
struct DomainLanguageModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "domain-lm",
    abstract: "Build the demo domain's language model.",
    discussion: """
      Reads sentences with classes of alternatives and writes an ARPA trigram. The same sentences give the same bytes.
      """)

  @Argument(help: "The sentences.", completion: .file(extensions: ["sentences"]))
  var sentences: String
  @Argument(help: "The ARPA file to write.", completion: .file(extensions: ["arpa"]))
  var arpa: String
  @Option(help: "A pronunciation dictionary; words that it lacks are an error.", completion: .file())
  var dictionary: String?
  @Flag(help: "Write nothing; fail when the file differs from what would be written.")
  var check = false

  func run() throws {
    let model: BackoffTrigram
    do {
      model = BackoffTrigram(NGramCounts(try SentenceGrammar(parsing: try Self.text(of: sentences))))
    } catch let error as SentenceGrammar.SyntaxError {
      throw ValidationError("\(sentences), \(error)")
    }
    if let dictionary {
      let missing = Self.missing(model.words, from: try Self.text(of: dictionary))
      guard missing.isEmpty else {
        throw ValidationError("not in \(dictionary): \(missing.joined(separator: ", "))")
      }
    }
    if check {
      guard try Self.text(of: arpa) == model.arpa else {
        throw ValidationError("\(arpa) is not what \(sentences) gives: run domain-lm without --check")
      }
    } else {
      do {
        try model.arpa.write(toFile: arpa, atomically: true, encoding: .utf8)
      } catch {
        throw ValidationError("cannot write \(arpa): \(error.localizedDescription)")
      }
    }
  }

  /// The words that have no line in a CMU dictionary ("word PH ON ES", alternatives as "word(2)").
  static func missing(_ words: [String], from dictionary: String) -> [String] {
    let known = Set(dictionary.split(separator: "\n").compactMap { $0.split(separator: " ").first })
    return words.filter { !known.contains(Substring($0)) }
  }

  private static func text(of path: String) throws -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ValidationError("cannot read \(path): \(error.localizedDescription)")
    }
  }
}
