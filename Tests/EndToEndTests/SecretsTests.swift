import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Secrets of the command line, of messages both ways and of typed lines, in everything that the program writes.
  @Suite struct Secrets {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    /// What vendors' servers say, with a secret in each.
    private static let said = [
      #"{"type":"session.created","session":{"client_secret":{"value":"ek_FAKE01","expires_at":1}}}"#,
      #"{"type":"x","apiKey":"FAKE02","xi-api-key":"FAKE05","openai_api_key":"FAKE06","aws_secret_access_key":"FAKE07"}"#,
      #"{"type":"x","headers":{"Authorization":"Bearer FAKE14","Cookie":"sid=FAKE15","Proxy-Authorization":"Basic FAKE16"}}"#,
      #"{"type":"x","signed_url":"wss://api.example.org/v1/c?agent_id=a&conversation_signature=FAKE17"}"#,
      #"{"type":"x","args":"{\"api_key\": \"FAKE21\"}"}"#, #"{"type":"error","message":"bad key FAKEHEAD04"}"#,
      "binary " + #"{"client_secret":{"value":"FAKE22"}}"#.utf8.map { String(format: "%02x", $0) }.joined(),
    ]

    private func server() throws -> (process: ChildProcess, port: Int) {
      let process = try PeerLibrary.python.run("scripted_server", Self.said)
      guard let line = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }),
        let port = Int(line.dropFirst(5))
      else { throw TestFailure("\(process.errorLines)") }
      return (process, port)
    }

    /// The address, headers and subprotocols hold one each.
    private func arguments(_ port: Int) -> [String] {
      [
        "connect", "ws://u:FAKEUSER01@127.0.0.1:\(port)/v?token=FAKEQUERY2&sig=FAKESIG03&lang=de", "-H",
        "Authorization: Bearer FAKEHEAD04", "-H", "xi-api-key: FAKEXI05", "--subprotocol", "realtime", "--subprotocol",
        "openai-insecure-api-key.FAKEPROTO6", "--input", "silence", "--output", "null",
      ]
    }

    @Test func nothingThatIsWrittenHoldsOne() throws {
      let server = try server()
      defer { server.process.terminate() }
      let log = folder.file("log.jsonl")
      let process = try ChildProcess(
        Program.path, arguments(server.port) + ["--plain", "--log", log], environment: Program.environment)
      #expect(process.waitForLine(timeout: 60) { $0.hasPrefix("connected, session") } != nil)
      for line in [
        #"send {"type":"auth","token":"FAKE41"}"#, #"config {"api_key":"FAKE42"}"#,
        "text the key is sk-proj-FAKE43abcDEF2ghiJKL3", "text token=FAKE44&x=1", "close 4001 token=FAKE45",
      ] {
        process.writeLine(line)
      }
      #expect(process.waitForLine(timeout: 60) { $0.contains("4001") } != nil)
      process.writeLine("quit")
      #expect(process.waitUntilExit(timeout: 60) == 0, "\(process.errorLines)")
      let text = try String(contentsOfFile: log, encoding: .utf8)
      for written in [text, process.lines.joined(separator: "\n"), process.errorLines.joined(separator: "\n")] {
        for line in written.split(separator: "\n") { #expect(!line.contains("FAKE"), "\(line.prefix(400))") }
      }
      // All of it went through here, and what is no secret is there.
      for part in [
        "client_secret", "xi-api-key", "signed_url", "agent_id=a", "lang=de", "expires_at", "\"sendsCredential\":true",
      ] {
        #expect(text.contains(part), "\(part)")
      }
    }

    @Test func theScreenAndTheHistoryHoldNone() throws {
      let server = try server()
      defer { server.process.terminate() }
      let capture = folder.file("a.sidetone")
      let console = try ConsoleScreen(
        arguments(server.port) + ["--capture", capture], environment: ["XDG_STATE_HOME": folder.path])
      try console.run(#"send {"type":"auth","token":"FAKE41"}"#)
      try console.run("text the key is sk-proj-FAKE43abcDEF2ghiJKL3")
      try console.run("text hello")
      try console.run("mark the token=FAKE45 is odd")
      try console.wait(for: "hello", in: "protocol")
      try console.terminal.wait(for: "a screen without secrets") { !$0.contains("FAKE") }
      // Each message opened, newest first.
      try console.terminal.keys("Enter")
      for _ in 0..<12 {
        try console.terminal.keys("k")
        #expect(!console.terminal.screen().contains("FAKE"))
      }
      try console.terminal.keys("Escape")
      // A key right behind it would be one with Alt.
      try console.terminal.wait(for: "the panes") { ScreenText($0).pane("protocol") != nil }
      try console.quit()
      let history = try String(contentsOfFile: folder.file("sidetone/history"), encoding: .utf8)
      #expect(history.contains("text hello") && !history.contains("FAKE"), "\(history)")
      let kept = String(decoding: try Data(contentsOf: URL(fileURLWithPath: capture)), as: UTF8.self)
      #expect(kept.contains("hello") && kept.contains("is odd") && !kept.contains("FAKE"))
    }

    @Test func faultsOfTheCommandLineRepeatNone() throws {
      for arguments in [
        ["connect", "ws://127.0.0.1:1/", "-H", "sk-proj-FAKE1abcDEF2ghiJKL3"],
        ["connect", "http://u:FAKEUSER1@h/?token=FAKETOKEN2"],
        ["connect", "ws://u:FAKEUSER1@127.0.0.1:1/?token=FAKETOKEN2", "--headless", "--duration", "1s"],
      ] {
        let outcome = try Program.run(arguments)
        #expect(outcome.status != 0 && !outcome.errors.isEmpty)
        #expect(!(outcome.errors + outcome.output.joined()).contains("FAKE"), "\(outcome.errors)")
      }
    }
  }
}
