import Foundation
import TestKit

/// The program under test: the build that belongs to the test bundle.
enum Program {
  /// SwiftPM puts executables and the test bundle into the same directory.
  static let path = Bundle.main.executableURL!.deletingLastPathComponent().appendingPathComponent("sidetone").path

  /// A configuration for tests instead of that of whoever runs them: nothing is captured that a test does not ask for.
  static let settings =
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/settings"

  /// No memory of the test before: below a device there are no files.
  static let environment = [
    "XDG_CONFIG_HOME": settings, "XDG_STATE_HOME": "/dev/null/none", "NO_COLOR": "", "COLORTERM": "",
    "SWIFT_BACKTRACE": "interactive=no",
  ]

  /// What is left of a program that has ended.
  struct Outcome {
    /// Nil when it had to be killed.
    var status: Int32?
    var output: [String]
    /// Standard error, as one text.
    var errors: String
  }

  /// Starts it without a screen.
  /// - Parameter inputFile: what standard input is read from.
  static func start(_ arguments: [String], inputFile: String = "/dev/null") throws -> ChildProcess {
    try ChildProcess(
      "/bin/sh", ["-c", #"exec "$@" < "$0""#, inputFile, path] + arguments, environment: environment)
  }

  /// Runs it to its end.
  static func run(_ arguments: [String], inputFile: String = "/dev/null", timeout: Double = 60) throws -> Outcome {
    let process = try start(arguments, inputFile: inputFile)
    let status = process.waitUntilExit(timeout: timeout)
    return Outcome(status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
  }

  /// Runs the console in a session of its own, where not even /dev/tty is a terminal.
  static func runWithoutTerminal(_ arguments: [String]) throws -> Outcome {
    // TERM alone is no terminal, and without it that is what is said first.
    let process = try ChildProcess(
      "/usr/bin/setsid", ["--wait", path] + arguments, environment: environment.merging(["TERM": "xterm"]) { $1 })
    process.closeInput()
    let status = process.waitUntilExit()
    return Outcome(status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
  }
}
