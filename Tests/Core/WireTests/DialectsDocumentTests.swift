import FoundationEssentials
import Testing
import Wire

@Suite struct DialectsDocumentTests {
  /// Record with `SIDETONE_RECORD_GOLDEN=1`.
  @Test func docsAreMadeFromTheCards() throws {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let path = here + "/docs/dialects.md"
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] == "1" {
      try Data(DialectsDocument.markdown().utf8).write(to: URL(filePath: path))
    }
    let file = try #require(FileManager.default.contents(atPath: path), "docs/dialects.md is missing")
    #expect(String(decoding: file, as: UTF8.self) == DialectsDocument.markdown(), "docs/dialects.md is out of date")
  }

  @Test func everyRowHasItsSection() {
    let text = DialectsDocument.markdown()
    for card in DialectTable.builtIn.cards {
      #expect(text.contains("## \(card.name)\n\n\(card.notes)"))
      #expect(text.contains("| [`\(card.name)`](#\(card.name)) | \(card.title) |"))
    }
  }
}
