import Captures
import Foundation
import GRDB
import Testing

/// docs/capture-format.md says what the files are.
@Suite struct DocumentationTests {
  private let folder = Folder()

  private func document() throws -> String {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return try String(contentsOf: root.appendingPathComponent("docs/capture-format.md"), encoding: .utf8)
  }

  @Test func theTablesAreTheFiles() throws {
    let document = try document()
    for (i, step) in CaptureSchema.steps.enumerated() {
      #expect(document.contains("## Version \(i + 1)\n\n```sql\n\(step)\n```\n"), "version \(i + 1)")
    }
    #expect(document.contains("| `PRAGMA application_id` | \(CaptureSchema.applicationID),"))
    #expect(document.contains("| `PRAGMA user_version` | the version of the format: \(CaptureSchema.version) |"))
  }

  @Test func everyColumnAndKeyIsExplained() throws {
    let document = try document()
    finishedCapture(folder.file(), entries: 3)
    try DatabaseQueue(path: folder.file()).read { database in
      #expect(try Int32.fetchOne(database, sql: "PRAGMA application_id") == CaptureSchema.applicationID)
      #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == CaptureSchema.version)
      for table in ["meta", "entries", "derived", "tracks", "audio"] {
        let columns = try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info('\(table)')")
        #expect(!columns.isEmpty)
        for column in columns { #expect(document.contains("| `\(column)` |"), "\(table).\(column)") }
      }
      for key in try String.fetchAll(database, sql: "SELECT key FROM meta") {
        #expect(document.contains("`\(key)`"), "\(key)")
      }
    }
  }

  /// The questions that the page asks are questions that the file answers.
  @Test func theExamplesWork() throws {
    finishedCapture(folder.file(), entries: 100, samples: 16_000)
    let document = try document()
    let questions = [
      "SELECT line FROM entries ORDER BY idx",
      "SELECT at_us / 1e6, text FROM entries JOIN derived USING (idx) WHERE type = 'transcript_final'",
      #"SELECT rowid FROM words WHERE words MATCH '"transcript_final" "hello"'"#,
    ]
    for question in questions { #expect(document.contains(question)) }
    try DatabaseQueue(path: folder.file()).read { database in
      for question in questions { _ = try Row.fetchAll(database, sql: question) }
    }
  }
}
