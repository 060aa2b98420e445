import Foundation
import TestKit

/// The program under test: the build that belongs to the test bundle.
enum Program {
  /// SwiftPM puts executables and the test bundle into the same directory.
  static let path: String = {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("sidetone").path
  }()

  /// No configuration of whoever runs the tests.
  static let environment = ["XDG_CONFIG_HOME": "/nonexistent", "NO_COLOR": ""]

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
}

/// A directory for a test's files, gone with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "sidetone-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file.
  /// - Returns: its path.
  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }
}
