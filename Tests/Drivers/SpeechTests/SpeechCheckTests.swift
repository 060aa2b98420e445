import TestKit
import Testing

@testable import Speech

@Suite struct SpeechCheckTests {
  @Test func whatIsInstalledWorks() {
    for outcome in [
      SpeechCheck.recognition(), SpeechCheck.domainModel(), SpeechCheck.englishVoices(),
      SpeechCheck.otherLanguage("de"),
    ] {
      guard case .works(let text) = outcome else {
        Issue.record("\(outcome)")
        continue
      }
      #expect(!text.isEmpty)
    }
  }

  @Test func whatIsNotThereSaysWhatToDo() {
    guard case .fails(let reason, let remedy) = SpeechCheck.domainModel("/nowhere/domain.arpa") else {
      Issue.record("a file that is not there was found")
      return
    }
    #expect(reason.contains("/nowhere/domain.arpa") && remedy.contains("beside the program"))
    guard case .fails(_, let install) = SpeechCheck.otherLanguage("de", program: "/nowhere/espeak-ng") else {
      Issue.record("a program that is not there was started")
      return
    }
    #expect(install.contains("apt-get install espeak-ng"))
    if case .works = SpeechCheck.otherLanguage("xx-nowhere") { Issue.record("a language that is none was spoken") }
  }
}

@Suite struct LanguageModelCheckTests {
  func ollama(_ port: Int) throws -> LanguageModelEndpoint {
    try LanguageModelCard.ollama.endpoint(address: "http://127.0.0.1:\(port)", model: "m")
  }

  func reply(_ body: String, status: String = "200 OK", header: String = "X: y") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(header)\r\n\r\n\(body)"
  }

  @Test func ollamaListsItsModels() throws {
    let server = LoopbackHTTPServer { exchange in
      let isAsked = exchange.head.hasPrefix("GET /api/tags ")
      exchange.write(self.reply(isAsked ? #"{"models":[{"name":"a:latest"},{"name":"b\u001b[2J"}]}"# : "{}"))
    }
    let answer = LanguageModelCheck.ask(try ollama(server.port), timeout: .seconds(30))
    #expect(answer == .models(["a:latest", "b [2J"]))
  }

  @Test(arguments: [("openai", "Authorization: Bearer secret-key"), ("anthropic", "x-api-key: secret-key")])
  func anyOtherListsThemWithTheKey(_ name: String, _ header: String) throws {
    let server = LoopbackHTTPServer { exchange in
      // Foundation writes the names of headers in its own capitals.
      let hasKey = exchange.head.lowercased().contains(header.lowercased())
      let isRight = hasKey && exchange.head.hasPrefix("GET /v1/models ")
      exchange.write(isRight ? self.reply(#"{"data":[{"id":"m"}]}"#) : self.reply("", status: "401 Unauthorized"))
    }
    func endpoint(_ key: String?) throws -> LanguageModelEndpoint {
      let card = try #require(LanguageModelCard.named(name))
      return try card.endpoint(address: "http://127.0.0.1:\(server.port)/v1", model: "m", apiKey: key)
    }
    #expect(LanguageModelCheck.ask(try endpoint("secret-key"), timeout: .seconds(30)) == .models(["m"]))
    #expect(LanguageModelCheck.ask(try endpoint(nil), timeout: .seconds(30)) == .status(401))
  }

  @Test func aRedirectIsNotFollowed() throws {
    let server = LoopbackHTTPServer { exchange in
      exchange.write(self.reply("", status: "302 Found", header: "Location: /elsewhere"))
    }
    #expect(LanguageModelCheck.ask(try ollama(server.port), timeout: .seconds(30)) == .status(302))
  }

  @Test func silenceEndsInTime() throws {
    let server = LoopbackHTTPServer { $0.waitForClientToGo() }
    guard case .nothing = LanguageModelCheck.ask(try ollama(server.port), timeout: .milliseconds(300)) else {
      Issue.record("silence was taken for an answer")
      return
    }
  }

  @Test func nobodyIsNoAnswer() throws {
    guard case .nothing(let why) = LanguageModelCheck.ask(try ollama(1), timeout: .seconds(30)) else {
      Issue.record("nobody answered")
      return
    }
    #expect(why.contains("nobody listens"))
  }
}
