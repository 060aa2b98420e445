import Foundation
import TestKit
import Testing

extension FirstLane {
  /// README.md is true: what it names exists, and its example runs.
  @Suite struct ReadmeTests {
    static let page: String = {
      // Tests/EndToEndTests/ThisFile.swift is three levels below the package.
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      return (try? String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)) ?? ""
    }()

    /// The program lies beside the tests.
    static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("sidetone").path

    static func help(_ arguments: String...) throws -> String {
      let process = try ChildProcess(program, arguments + ["--help"])
      #expect(process.waitUntilExit(timeout: 60) == 0)
      return process.lines.joined(separator: "\n")
    }

    /// The first cells of the table under a heading, without their backquotes.
    static func table(under heading: String) -> [String] {
      let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
      guard let start = lines.firstIndex(where: { $0 == "## \(heading)" }) else { return [] }
      let section = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
      return section.filter { $0.hasPrefix("| ") }.map { line in
        line.dropFirst(2).prefix { $0 != "|" }.filter { $0 != "`" }.trimmingCharacters(in: .whitespaces)
      }
    }

    @Test func everyFlagAndCommandExists() throws {
      let root = try Self.help()
      let commands = ["console", "connect", "serve", "replay", "show", "doctor", "engines"]
      let help = try root + commands.map { try Self.help($0) }.joined(separator: "\n")
      let flags = Set(Self.page.matches(of: /(?:^|[\s`(])(--?[A-Za-z][a-z-]*)/).map { String($0.1) })
      // Flags of other programs that the page names.
      let others: Set<String> = ["-a", "--start", "--user"]
      #expect(flags.count > 20)
      for flag in flags.subtracting(others) {
        #expect(help.contains(try Regex("(^|[ ,/])\(flag)([ ,/\n]|$)")), "\(flag) is no flag of the program")
      }
      let named = Self.table(under: "Commands").filter { $0.hasPrefix("sidetone ") }
        .map { String($0.split(separator: " ")[1]) }
      #expect(Set(named) == Set(commands).subtracting(["console"]))
      for command in commands { #expect(root.contains("  \(command) "), "\(command) is not in the help") }
      for code in Self.table(under: "Exit codes").compactMap({ Int($0) }) {
        #expect(root.contains(try Regex("\\b\(code) ")), "the help does not know exit code \(code)")
      }
    }

    @Test func itsPicturesAndPagesExist() throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      let links = Self.page.matches(of: /\]\(([^)#]+)[^)]*\)/).map { String($0.1) }.filter { !$0.hasPrefix("http") }
      #expect(links.count > 8)
      for link in links {
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(link).path), "\(link)")
      }
    }

    @Test func itsServerInPythonAnswers() throws {
      let parts = Self.page.components(separatedBy: "```python\n")
      try #require(parts.count == 2)
      let block = parts[1].components(separatedBy: "```")[0]
      // A free port, told where the page waits for ever.
      let source = block.replacingOccurrences(
        of: "8080):", with: "0) as server:\n        print(port(server), flush=True)"
      )
      .replacingOccurrences(
        of: "async def main", with: "def port(server): return server.sockets[0].getsockname()[1]\n\nasync def main")
      try #require(source.contains("print("))
      let server = try ChildProcess("/usr/bin/python3", ["-c", source])
      defer { server.kill() }
      let line = server.waitForLine(timeout: 60) { Int($0) != nil }
      let port = try #require(line, "\(server.errorLines)")
      let client = try ChildProcess(
        Self.program,
        [
          "connect", "ws://127.0.0.1:\(port)", "--headless", "--until-idle", "--input", "say:good morning", "--output",
          "null",
        ])
      #expect(client.waitUntilExit(timeout: 60) == 0, "\(client.errorLines)")
      #expect(client.lines.contains { $0.contains(#""event":"playoutChange""#) && $0.contains(#""kind":"finished""#) })
    }
  }
}
