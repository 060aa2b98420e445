import Foundation
import TestKit
import Testing

/// The vendors' own client libraries, which `make test-deps` puts into `.build/python`.
enum VendorLibraries {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(".build/python").path

  /// The condition of tests that need them.
  static let areThere = FileManager.default.fileExists(atPath: folder + "/.complete")
  /// What tests say that are left out without them.
  static let comment: Comment = "left out: no .build/python; `make test-deps` brings it"

  /// Starts a script of `Peers` by its name without extension.
  static func run(_ script: String, _ arguments: [String] = []) throws -> ChildProcess {
    try ChildProcess(
      "/usr/bin/python3", ["-u", "-W", "ignore", "\(PeerLibrary.folder)/\(script).py"] + arguments,
      environment: ["PYTHONPATH": folder])
  }
}
