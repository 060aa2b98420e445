import Foundation
import TestKit
import Testing

/// A double of a service, a script of `Peers/`: its messages are checked by the vendor's own library. It prints its port, and
/// then what happens, a JSON object in a line.
class ServiceDouble {
  private let process: ChildProcess
  let port: String

  /// - Parameters:
  ///   - script: its name without `.py`.
  ///   - arguments: how it is to behave.
  init(script: String, _ arguments: [String]) throws {
    process = try VendorLibraries.run(script, arguments)
    guard let line = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }) else {
      throw TestFailure("no port: \(process.errorLines)")
    }
    port = String(line.dropFirst(5))
  }

  deinit { process.kill() }

  /// What has happened so far, in order.
  var facts: [[String: Any]] {
    process.lines.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
  }
  /// What was not as the vendor's library has it.
  var wrong: [String] { facts.compactMap { $0["wrong"] as? String } + complaints }

  /// What it wrote beside, as faults of its own.
  var complaints: [String] { process.errorLines }

  /// Waits for a line that holds a text.
  func wait(for text: String, within seconds: Double = 60) throws {
    guard process.waitForLine(timeout: seconds, where: { $0.contains(text) }) != nil else {
      throw TestFailure("no \(text) in \(process.lines.suffix(30)) \(process.errorLines.suffix(5))")
    }
  }
}
