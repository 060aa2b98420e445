import Capture
import GRDB
import Timeline

/// Looks for words in entries of which no index was made, as the index of a capture finds them: by an index in memory of a
/// few entries at a time.
struct WordSearch {
  /// Entries that are looked at with one question.
  static let slice = 1000

  private let query: String
  /// The words in lower case, where each of them is plain ASCII: a line of plain ASCII without them is passed over unread.
  private let plain: [[UInt8]]?
  private let queue: DatabaseQueue
  private var columns = ColumnReader()

  /// - Returns: nil when there is no word to look for.
  init?(_ text: String) {
    guard let query = Self.query(text), let queue = try? DatabaseQueue(),
      (try? queue.inDatabase { try $0.execute(sql: CaptureSchema.memoryWords) }) != nil
    else { return nil }
    self.query = query
    self.queue = queue
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).prefix(Self.mostWords).map { Array($0.utf8) }
    let isPlain = words.allSatisfy { $0.allSatisfy { Self.isWordByte($0) } }
    plain = isPlain ? words : nil
  }

  private static let mostWords = 64

  /// A text as a question of FTS5: each word as a quoted string, so that nothing of it is a command.
  static func query(_ text: String) -> String? {
    let words = text.split(whereSeparator: \.isWhitespace).prefix(mostWords)
    guard !words.isEmpty else { return nil }
    return words.map { "\"\($0.replacing("\"", with: "\"\"").replacing("\0", with: ""))\"*" }.joined(separator: " ")
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
    default: false
    }
  }

  /// Takes an entry before those that are searched, which says how they are to be read.
  mutating func observe(_ entry: Entry) { _ = columns.read(entry) }

  /// The indexes of those that hold the words, in order.
  mutating func hits(in lines: [RecordedLine]) throws(CaptureReadError) -> [Int] {
    var texts: [(index: Int, text: String)] = []
    for line in lines where mayHold(line) {
      if let text = columns.read(line.entry).text { texts.append((line.entry.index, text)) }
    }
    guard !texts.isEmpty else { return [] }
    do {
      return try queue.inDatabase { database in
        for (place, text) in texts.enumerated() {
          try database.cachedStatement(sql: "INSERT INTO words (rowid, text) VALUES (?, ?)")
            .execute(arguments: [place, text.text])
        }
        let places = try Int.fetchAll(
          database, sql: "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", arguments: [query])
        try database.execute(sql: "DELETE FROM words")
        return places.map { texts[$0].index }
      }
    } catch {
      throw .other("\(error)")
    }
  }

  /// What says that the bytes are not what is read: letters as numbers, and bytes as letters.
  private static let unreadable = [Array("\\u".utf8), Array("\"base64\"".utf8)]

  /// False when it cannot: its bytes say all that its words say. What declares a dialect is read in any case.
  private func mayHold(_ line: RecordedLine) -> Bool {
    switch line.entry.event {
    case .sessionStarted, .sourceStarted: return true
    default: break
    }
    guard let plain else { return true }
    return line.bytes.withUnsafeBytes { bytes in
      if bytes.contains(where: { $0 >= 0x80 }) || Self.unreadable.contains(where: { bytes.containsIgnoringCase($0) }) {
        return true
      }
      return plain.allSatisfy { bytes.containsIgnoringCase($0) }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// - Parameter word: in lower case, not empty.
  fileprivate func containsIgnoringCase(_ word: [UInt8]) -> Bool {
    guard word.count <= count else { return false }
    func isSame(_ byte: UInt8, _ wanted: UInt8) -> Bool {
      byte == wanted || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == wanted
    }
    var start = 0
    while start <= count - word.count {
      var matched = 0
      while matched < word.count, isSame(self[start + matched], word[matched]) { matched += 1 }
      if matched == word.count { return true }
      start += 1
    }
    return false
  }
}
