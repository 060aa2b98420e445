import Foundation
import TestKit
import Testing
import Timeline
import Wire

/// Conversations between vendors' libraries, as they went over the wire (`Tests/Fixtures/dialects`).
@Suite struct DialectFixtureTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/dialects")

  private func messages(_ name: String) throws -> [(side: Side, message: WireMessage)] {
    let text = try String(contentsOf: Self.folder.appendingPathComponent("\(name).jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let entry = try JSONValue(parsing: line.utf8)
      let bytes = Array(try #require(entry["text"]?.stringValue).utf8)
      let side: Side = entry["side"] == .string("client") ? .client : .server
      return (side, entry["binary"] == .bool(true) ? .binary(bytes) : .text(bytes))
    }
  }

  /// What each message means, runs of the same as one.
  @Test(arguments: ["openai-beta", "gemini"]) func eachMessageIsUnderstood(name: String) throws {
    var dialect = DialectTable.builtIn.dialect(name)
    var lines: [String] = []
    for (side, message) in try messages(name) {
      let reading = dialect.read(message, from: side)
      #expect(!reading.events.contains { [.unknown, .malformed].contains($0.kind) }, "\(reading)")
      let events = reading.events.map(\.kind.rawValue).joined(separator: " ")
      let line = "\(side == .client ? "→" : "←") \(reading.type)\(events.isEmpty ? "" : ": \(events)")"
      if line != lines.last { lines.append(line) }
    }
    let golden = Self.folder.appendingPathComponent("\(name).txt")
    let text = lines.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] != nil {
      try text.write(to: golden, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: golden, encoding: .utf8) == text)
  }

  /// With messages lost, repeated and damaged, both seats go on.
  @Test(arguments: ["openai-beta", "gemini"], 0..<8) func damagedOnesTrapNothing(name: String, seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var dialect = DialectTable.builtIn.dialect(name)
    for (side, message) in try messages(name) where random.below(8) > 0 {
      for _ in 0...random.below(2) {
        var bytes = message.payload
        for _ in 0..<random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
        if random.below(20) == 0 { bytes.removeLast(random.below(bytes.count)) }
        let reading = dialect.read(message.isText ? .text(bytes) : .binary(bytes), from: side)
        #expect(!reading.type.isEmpty)
        _ = dialect.owes(as: side == .client ? .server : .client, at: .zero)
      }
    }
  }
}
