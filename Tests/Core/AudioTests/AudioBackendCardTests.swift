import Foundation
import Testing

@testable import Audio

@Suite struct AudioBackendCardTests {
  private let cards = AudioBackendCard.builtIn

  private func input(_ text: String) -> String? {
    cards.choice(text, \.input).map { "\($0.word) \($0.argument ?? "-")" }
  }
  private func output(_ text: String) -> String? {
    cards.choice(text, \.output).map { "\($0.word) \($0.argument ?? "-")" }
  }

  @Test func aTextChoosesABackendByItsWord() {
    #expect(input("mic") == "mic -" && input("mic:plughw:1,0") == "mic plughw:1,0" && input("mic:") == "mic -")
    #expect(input("file:a:b.wav") == "file a:b.wav" && input("say:what time is it") == "say what time is it")
    #expect(input("silence") == "silence -" && input("stdin") == "stdin -")
    for text in ["", ":", "mi", "mic2", "file", "file:", "say", "silence:loud", "speaker", "null", "Mic"] {
      #expect(input(text) == nil, "\(text)")
    }
    #expect(output("speaker:hw:0,0") == "speaker hw:0,0" && output("speaker") == "speaker -")
    #expect(output("file:out.wav") == "file out.wav" && output("null") == "null -")
    for text in ["file", "null:x", "mic", "stdin", "say:a"] { #expect(output(text) == nil, "\(text)") }
  }

  @Test func eachWordNamesOneBackend() {
    for forms in [cards.compactMap(\.input), cards.compactMap(\.output)] {
      #expect(Set(forms.map(\.word)).count == forms.count && !forms.isEmpty)
      for form in forms {
        for spelling in form.spellings { #expect(form.read(spelling).fits, "\(spelling)") }
      }
    }
    #expect(cards.allSatisfy { $0.input != nil || $0.output != nil })
  }

  @Test func theDocumentIsUpToDate() throws {
    let path =
      String(#filePath.prefix(#filePath.count - "Tests/Core/AudioTests/AudioBackendCardTests.swift".count))
      + "docs/audio.md"
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] != nil {
      try Data(cards.document.utf8).write(to: URL(filePath: path))
    }
    let file = try Data(contentsOf: URL(filePath: path))
    #expect(String(decoding: file, as: UTF8.self) == cards.document, "docs/audio.md is out of date")
    let toy = AudioBackendCard(
      title: "toy", needs: "a toy", output: .init("toy", .required("NAME"), help: "a toy speaks"))
    #expect((cards + [toy]).document.contains("| `toy:NAME` | a toy speaks | a toy |\n"))
  }
}
