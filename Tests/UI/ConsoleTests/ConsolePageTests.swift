import Foundation
import Screen
import Testing

@testable import Console

/// docs/console.md and docs/plain.md are true.
@Suite struct ConsolePageTests {
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/")

  private func page(_ name: String) throws -> String {
    let file = try #require(FileManager.default.contents(atPath: "\(Self.root)/docs/\(name)"), "docs/\(name)")
    return String(decoding: file, as: UTF8.self)
  }

  /// What stands between backquotes on the page and is as short as a key.
  private func keys(_ page: String) -> Set<String> {
    Set(page.matches(of: /`([^`\n]+)`/).map { String($0.1) }).filter { $0.count <= 5 && !$0.hasPrefix("-") }
  }

  @Test func everyKeyThatIsNamedExists() throws {
    let known = Set(CommandTable.standard.rows.flatMap { $0.bindings.map { $0.key.name(.braille) } })
    let named = keys(try page("console.md"))
    // Names of themes and variables that are as short.
    let others: Set<String> = ["ember", "fjord", "dusk", "light", "paper", "mono", "TERM"]
    #expect(named.count > 15)
    for key in named.subtracting(others) { #expect(known.contains(key), "\(key) is no key") }
  }

  @Test func everyPaneHasItsNumberAndName() throws {
    let text = try page("console.md")
    for pane in Pane.allCases { #expect(text.contains("| `\(pane.digit)` \(pane.title) |"), "\(pane)") }
    #expect(text.contains("From \(Console.minimumSize.width) by \(Console.minimumSize.height) upwards"))
  }

  @Test(arguments: ["console.md", "plain.md"]) func linksAndPicturesLead(_ name: String) throws {
    let links = try page(name).matches(of: /\]\(([^)#]+)[^)]*\)/).map { String($0.1) }
    #expect(links.count > 1)
    for link in links { #expect(FileManager.default.fileExists(atPath: "\(Self.root)/docs/\(link)"), "\(link)") }
  }

  @Test func plainsCommandsAreUnderstood() throws {
    let blocks = try page("plain.md").components(separatedBy: "```\n")
    let typed = try #require(blocks.first { $0.hasPrefix("say what") })
    var console = PlainConsole(ConsoleOptions())
    _ = console.read(Script.live.entries)
    for line in typed.split(separator: "\n") {
      let (effects, lines) = console.run(String(line))
      #expect(effects.count == 1 && lines.isEmpty, "\(line): \(lines)")
    }
    for word in PlainConsole.Word.allCases { #expect(try page("plain.md").contains("`\(word.rawValue)`")) }
  }
}
