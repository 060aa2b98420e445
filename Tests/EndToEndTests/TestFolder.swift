import Agent
import AudioCodecs
import Foundation
import Speech
import TestKit
import Threads

/// A folder that goes with the test.
final class TestFolder: Sendable {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "sidetone-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  /// A path in it.
  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file.
  /// - Returns: its path.
  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A self-signed certificate for 127.0.0.1, and its key.
  func makeCertificate() throws -> (certificate: String, key: String) {
    let files = ("\(path)/cert.pem", "\(path)/key.pem")
    let openssl = try ChildProcess(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", files.1, "-out", files.0, "-days", "2", "-subj",
        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
      ])
    guard openssl.waitUntilExit(timeout: 60) == 0 else { throw TestFailure("\(openssl.errorLines)") }
    return files
  }

  /// A text, spoken by the agent's own synthesizer, as a WAV file at 16 kHz.
  func speak(_ text: String) throws -> String {
    let file = "\(path)/speech.wav"
    let spoken = Locked<(samples: [Int16], isOver: Bool)>(([], false))
    let synthesizer = VoiceSynthesizer(rate: 16_000) { event in
      spoken.withLock {
        if case .audio(_, _, let samples) = event { $0.samples += samples } else { $0.isOver = true }
      }
    }
    synthesizer.synthesize(TurnID(rawValue: 1), sentence: 0, text: text, voice: "kal16", language: "en")
    let deadline = Date(timeIntervalSinceNow: 60)
    while !spoken.withLock({ $0.isOver }), Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
    synthesizer.stop()
    let writer = try AudioFileWriter(path: file, rate: 16_000)
    try writer.write(spoken.withLock { $0.samples })
    writer.close()
    return file
  }
}
