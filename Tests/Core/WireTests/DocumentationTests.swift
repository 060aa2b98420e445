import FoundationEssentials
import TestKit
import Testing
import Timeline
import Wire

/// Every example in docs/protocol.md says what the page says it says.
@Suite struct DocumentationTests {
  /// An example line: `→` from the client, `←` from the server, then the message.
  struct Example: Sendable, CustomStringConvertible {
    var side: Side
    var text: String
    var description: String { (side == .client ? "→ " : "← ") + text }
  }

  static let page: String = {
    // Tests/Core/WireTests/ThisFile.swift is four levels below the package.
    let parts = #filePath.split(separator: "/").dropLast(4)
    let path = "/" + parts.joined(separator: "/") + "/docs/protocol.md"
    return (try? String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)) ?? ""
  }()

  static let examples: [Example] = page.split(separator: "\n").compactMap { line in
    for (arrow, side) in [("→ {", Side.client), ("← {", .server)] where line.hasPrefix(arrow) {
      return Example(side: side, text: "{" + line.dropFirst(arrow.count))
    }
    return nil
  }

  @Test func thereAreExamplesOfEveryMessage() {
    var names: [Side: Set<String>] = [:]
    for example in Self.examples {
      names[example.side, default: []].insert(VoiceDialect().typeName(of: .string(example.text)))
    }
    func expected(_ events: [VoiceEvent], _ side: Side) -> Set<String> {
      Set(events.compactMap { VoiceDialect().encode($0, from: side) }.map { VoiceDialect().typeName(of: $0) })
    }
    #expect(names[.client]?.isSuperset(of: expected(RoundTripTests.fromClient, .client)) == true)
    #expect(names[.server]?.isSuperset(of: expected(RoundTripTests.fromServer, .server)) == true)
  }

  @Test(arguments: examples) func isUnderstood(example: Example) throws {
    let event = try #require(VoiceDialect().decode(.string(example.text), from: example.side).first)
    switch event {
    case .malformed(let what, let reason): Issue.record("\(example): \(what): \(reason)")
    // The page shows one message that is none of the dialect's, to say what becomes of it.
    case .unknown(let type): #expect(type == "weather")
    default:
      // Said again by us, it means the same.
      let again = try #require(VoiceDialect().encode(event, from: example.side))
      #expect(VoiceDialect().decode(again, from: example.side) == [event])
    }
  }
}
