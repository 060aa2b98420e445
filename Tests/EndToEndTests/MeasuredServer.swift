import Foundation
import TestKit

/// `Peers/measured_server.py`: a server that does what its script says, and keeps a record of its own.
final class MeasuredServer {
  /// What it sends to answer an utterance.
  struct Answer: Encodable {
    /// From the end of the utterance, as the client tells it, to the final transcript, in milliseconds.
    var delay: Int
    /// When each piece is sent, counted from the final transcript, and how much audio it holds, in milliseconds.
    var chunks: [[Int]]
    var claims: [String: Double]?

    /// - Parameter pieces: how many of `length` ms each, one each `interval` ms.
    init(delay: Int, first: Int = 0, pieces: Int, of length: Int, every interval: Int) {
      self.delay = delay
      chunks = (0..<pieces).map { [first + $0 * interval, length] }
    }

    /// So much of it, in pieces of 100 ms that are sent 600 ms ahead: as a server does that wants no gaps.
    init(delay: Int, lasting ms: Int) {
      self.init(delay: delay, chunks: stride(from: 0, to: ms, by: 100).map { [max(0, $0 - 600), min(100, ms - $0)] })
    }

    init(delay: Int, chunks: [[Int]]) {
      self.delay = delay
      self.chunks = chunks
    }

    var audioMs: Int { chunks.reduce(0) { $0 + $1[1] } }
  }

  struct Script: Encodable {
    var answers: [Answer]
    /// From the client's onset of speech, or its `interrupt`, to `interrupted`, in milliseconds.
    var cut = 0
    /// From the client's onset of speech to `user_speech_start`; nil: it says none.
    var word: Int?
    /// By how much each of its messages is late, in milliseconds.
    var lag = 0
    /// A file of raw samples at 16 kHz of which the pieces are cut; nil: they are a tone of 500 Hz.
    var sound: String?
  }

  /// A piece of audio that it has sent: of which answer (from 0), when (nanoseconds on CLOCK_MONOTONIC), and how much.
  struct Sent: Decodable {
    var answer: Int
    var at: Int64
    var ms: Double
  }

  /// What it has counted each way, the payloads' bytes.
  struct Totals: Decodable {
    struct Side: Decodable, Equatable {
      var messages = 0
      var bytes = 0
      var audioMessages = 0
      var audioMs = 0.0
    }
    var sent: Side
    var received: Side
  }

  let url: String
  private let process: ChildProcess

  init(_ script: Script) throws {
    let text = String(decoding: try JSONEncoder().encode(script), as: UTF8.self)
    process = try PeerLibrary.python.run("measured_server", [text])
    guard let port = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") })?.dropFirst(5) else {
      throw TestFailure("no port: \(process.errorLines)")
    }
    url = "ws://127.0.0.1:\(port)/voice"
  }

  deinit { process.kill() }

  /// What it has sent so far.
  func sent() throws -> [Sent] { try lines("sent").map { try JSONDecoder().decode(Sent.self, from: Data($0.utf8)) } }

  /// What it has counted, once the client has gone.
  func totals() throws -> Totals {
    guard let line = process.waitForLine(timeout: 60, where: { $0.contains(#""event": "totals""#) }) else {
      throw TestFailure("no totals: \(process.errorLines)")
    }
    return try JSONDecoder().decode(Totals.self, from: Data(line.utf8))
  }

  private func lines(_ event: String) -> [String] {
    process.lines.filter { $0.contains("\"event\": \"\(event)\"") }
  }
}
