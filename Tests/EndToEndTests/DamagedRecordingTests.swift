import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Recordings that are damaged, or of a later version.
  @Suite struct DamagedRecordings {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .appendingPathComponent("Fixtures/field")

    private func replay(_ path: String) throws -> Program.Outcome {
      try Program.run(["replay", "--plain", "--fast", path], timeout: 60)
    }

    /// Moments and numbers that no clock and no counter reaches.
    @Test(arguments: ["replay-at-out-of-range.jsonl", "replay-i-out-of-range.jsonl"])
    func absurdNumbersArePassedOver(file: String) throws {
      let path = Self.fixtures.appendingPathComponent(file).path
      let outcome = try replay(path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("1 line of \(path) is damaged and passed over: line 2 ("), "\(outcome.errors)")
      #expect(outcome.output.first?.contains("dialect voice") == true, "\(outcome.output)")
      #expect(outcome.output.contains { $0.contains("damaged and passed over") }, "\(outcome.output)")
    }

    /// Its moments lie three hours apart, and not in order.
    @Test func allAtOnceMeansAtOnce() throws {
      let outcome = try replay(Self.fixtures.appendingPathComponent("replay-far-apart.jsonl").path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.count > 20, "\(outcome.output)")
      #expect(
        outcome.output.joined().unicodeScalars.allSatisfy {
          $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && ![0x202E, 0x2028, 0x200B].contains($0.value)
        })
    }

    @Test func whatALaterVersionWritesIsShownAndSaid() throws {
      let lines = [
        #"{"at":0,"event":"sessionStarted","i":0,"dialect":"voice","input":"say","inputRate":16000,"output":"null","url":"ws://x/","version":"9","wallClockMilliseconds":0,"capture":9,"src":0,"time":"1970-01-01T00:00:00.000Z"}"#,
        #"{"at":1,"event":"caption","i":1,"src":1,"of":7,"words":{"de":"Tag"}}"#, "half a li",
        #"{"at":2,"event":"notice","i":3,"severity":"info","source":"x","text":"still here","id":"n17","src":1}"#,
      ]
      let path = try folder.write(lines.joined(separator: "\n") + "\n", to: "later.jsonl")
      let outcome = try replay(path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains { $0.contains("x: still here") }, "\(outcome.output)")
      #expect(outcome.errors.contains("1 line of \(path) is damaged and passed over: line 3 (not valid JSON)"))
      #expect(outcome.errors.contains("1 line of \(path) is of a kind that this version does not know"))
      #expect(outcome.errors.contains("was written in version 9 of the format, and this program knows 1"))
      #expect(outcome.output.contains { $0.contains("caption: an entry that this version does not know") })
      #expect(outcome.errors.contains("line 2 (unknown event \"caption\")"))
      // On the screen it is said where the recording ends.
      let console = try ConsoleScreen(["replay", path], waitsForLive: false)
      try console.wait(for: "damaged and passed over: line 3", in: "transcript")
      try console.wait(for: "caption", in: "protocol")
      try console.quit()
    }

    @Test func nothingToReadIsAnError() throws {
      let outcome = try replay(try folder.write("hello\nworld\n", to: "no.jsonl"))
      #expect(outcome.status == 66)
      #expect(outcome.errors.contains("no.jsonl:1: not valid JSON; not a file written by --log or --headless"))
    }
  }
}
