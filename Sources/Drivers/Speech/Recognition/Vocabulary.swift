import CLinux
import CPocketSphinx
import Glibc

/// Which words a decoder knows, and how they are pronounced.
///
/// Debian's dictionary has 134 000 entries and the general model 72 000 words. Each word that both know costs the
/// decoder about half a kilobyte in its search tree; the last 40 000 are names and words such as `laduke`, heard by
/// mistake more often than said. Without them a decoder takes 34 MB less.
struct Vocabulary {
  /// Words of the general model that are kept: its most frequent ones. Every word of the domain is kept besides.
  static let generalWordCount = 30_000

  private let words: Set<String>

  init(words: Set<String>) { self.words = words }

  /// - Parameters:
  ///   - general: whose most frequent words are taken.
  ///   - domain: all of whose words are taken.
  init(general: OpaquePointer, domain: OpaquePointer) {
    var scored = (0..<Self.wordCount(of: general)).map { id in
      var used: Int32 = 0
      return (id: id, score: ngram_ng_score(general, id, nil, 0, &used))
    }
    // Equal scores in the model's order, so that the same files give the same vocabulary.
    scored.sort { ($1.score, $0.id) < ($0.score, $1.id) }
    var words = Set(scored.prefix(Self.generalWordCount).compactMap { Self.word($0.id, of: general) })
    for id in 0..<Self.wordCount(of: domain) {
      if let word = Self.word(id, of: domain) { words.insert(word) }
    }
    self.init(words: words)
  }

  private static func wordCount(of model: OpaquePointer) -> Int32 {
    ngram_model_get_counts(model).map { Int32($0[0]) } ?? 0
  }

  private static func word(_ id: Int32, of model: OpaquePointer) -> String? {
    ngram_word(model, id).map { String(cString: $0) }
  }

  /// The lines of a dictionary that pronounce these words, in a file of memory; nil when it cannot be read or none do.
  /// - Returns: a descriptor, the caller's to close.
  func dictionary(from path: String) -> Int32? {
    guard let source = fopen(path, "re") else { return nil }
    defer { fclose(source) }
    let target = memfd_create("sidetone-dictionary", UInt32(CLINUX_MEMFD_CLOEXEC))
    guard target >= 0 else { return nil }
    var kept: [UInt8] = []
    var line = [CChar](repeating: 0, count: 1024)
    while fgets(&line, Int32(line.count), source) != nil {
      let bytes = line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      // `read(2)` is the second pronunciation of `read`.
      let name = bytes.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "(") }
      if words.contains(String(decoding: name, as: UTF8.self)) { kept += bytes }
    }
    var rest = kept[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    if !kept.isEmpty, rest.isEmpty { return target }
    close(target)
    return nil
  }
}
