import Foundation
import Testing

@testable import Engines

@Suite struct ProgramTests {
  @Test func givesWhatItWroteAndItsCode() throws {
    var program = Program(["/bin/sh", "-c", "pwd; echo $A; echo wrong >&2; exit 3"])
    (program.folder, program.environment) = ("/usr", ["A": "b c"])
    let ending = try program.run()
    #expect(ending.status == 3 && ending.output == "/usr\nb c\n" && ending.errors == "wrong\n" && !ending.wasStopped)
  }

  @Test func keepsTheEndOfALongText() throws {
    let ending = try Program(["/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo end"]).run()
    #expect(ending.status == 0 && ending.output.utf8.count == 65_536 && ending.output.hasSuffix("xend\n"))
  }

  @Test func endsWhenItIsTold() throws {
    let polite = try Program(["/bin/sleep", "1000"]).run(isStopped: { true })
    #expect(polite.wasStopped && polite.status == 128 + SIGINT)
    let deaf = try Program(["/bin/sh", "-c", "trap '' INT; while :; do sleep 1; done"]).run(isStopped: { true })
    #expect(deaf.wasStopped && deaf.status == 128 + SIGKILL)
  }

  /// A `python3` may be a script that starts another program and waits for it.
  @Test func endsWithAllThatItHasStarted() throws {
    let file = FileManager.default.temporaryDirectory.path + "/sidetone-program-\(UUID().uuidString)"
    defer { unlink(file) }
    var program = Program(["/bin/bash", "-c", "sh -c 'echo $$ >\"$F\"; exec sleep 1000'; true"])
    program.environment = ["F": file]
    let ending = try program.run(isStopped: { (SmallFile.read(file, limit: 20) ?? "").hasSuffix("\n") })
    let inner = try #require(SmallFile.read(file, limit: 20).flatMap { Int32($0.dropLast()) })
    #expect(ending.wasStopped)
    // It may be there as a zombie until whoever inherits it looks.
    let state = SmallFile.read("/proc/\(inner)/stat", limit: 4096)?.split(separator: " ")
    #expect(state == nil || state?[2] == "Z", "\(state ?? [])")
  }

  /// One that lives on in the background does not hold it up.
  @Test func doesNotWaitForWhatItHasStarted() throws {
    let ending = try Program(["/bin/sh", "-c", "sleep 20 & echo $!"]).run()
    let left = try #require(Int32(ending.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kill(left, SIGKILL) == 0)
  }

  @Test func saysWhyItCannotBeStarted() throws {
    let failure = try #require(throws: Program.NotStarted.self) { try Program(["/nowhere/x"]).run() }
    #expect(failure.reason == "/nowhere/x cannot be started: No such file or directory")
  }
}
