import Foundation
import TestKit
import Testing

/// `Peers/deepgram_double.py`: Deepgram's live recognition, its messages and addresses checked by the vendor's own library.
final class DeepgramDouble: ServiceDouble {
  /// What is shown as a key, and where the program finds it.
  static let key = "not-a-real-key-0123456789abcdef"
  static let environment = ["RECOGNITION_KEY": key]

  init(_ flags: [String] = []) throws { try super.init(script: "deepgram_double", flags) }

  func flags(_ name: String) -> [String] {
    ["--stt", name, "--stt-url", "ws://127.0.0.1:\(port)", "--stt-key-env", "RECOGNITION_KEY"]
  }

  var said: [String] { facts.compactMap { $0["said"] as? String } }
}

extension SecondLane {
  /// Recognisers that are services of others, by doubles of them.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct RecognitionServices {
    private func talk(to server: DeepgramDouble, _ name: String) throws -> Program.Outcome {
      let process = try ChildProcess(
        Program.path,
        ["--headless", "--until-idle", "--input", "say:what time is it", "--output", "null"] + server.flags(name),
        environment: Program.environment.merging(DeepgramDouble.environment) { $1 })
      process.closeInput()
      let status = process.waitUntilExit(timeout: 120)
      return Program.Outcome(
        status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
    }

    /// What the double always understands is answered.
    @Test(arguments: ["deepgram", "deepgram-flux"])
    func whatDeepgramUnderstandsIsAnswered(_ name: String) throws {
      let server = try DeepgramDouble(["--transcript", "good evening"])
      let outcome = try talk(to: server, name)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["good evening"])
      #expect(recording.said(by: .agent).first?.isEmpty == false)
      #expect(server.wrong == [])
      #expect(server.said.contains(name == "deepgram" ? "Results" : "StartOfTurn"))
      #expect(!(outcome.output.joined() + outcome.errors).contains(DeepgramDouble.key))
    }

    /// The turn is not lost, and the client is told why another one hears it.
    @Test(arguments: [
      (["--fail", "429"], "wait 7 s"), (["--cut-after", "100"], "the connection broke off"),
    ])
    func whatFailsIsToldAndHeardHere(_ flags: [String], _ words: String) throws {
      let server = try DeepgramDouble(flags)
      let outcome = try talk(to: server, "deepgram")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      #expect(recording.said(by: .user).count == 1)
      let told = outcome.output.joined()
      #expect(told.contains("stt_unavailable") && told.contains(words))
      #expect(!told.contains(DeepgramDouble.key))
      #expect(server.wrong == [])
    }
  }
}
