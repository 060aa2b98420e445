import Agent
import Testing
import Threads

@testable import Speech

@Suite struct GeneratorTests {
  static let turn = TurnID(rawValue: 3)
  static let history = [
    Utterance(speaker: .user, text: "hello"), Utterance(speaker: .agent, text: "Hi, I am", wasCut: true),
    Utterance(speaker: .user, text: "go on"),
  ]
  static let okHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

  /// Asks a chat server that answers as `handler` does, and waits for the end of the answer.
  private func ask(
    key: String? = nil, stall: Duration = .seconds(20),
    _ handler: @escaping @Sendable (LoopbackHTTPServer.Exchange) -> Void
  ) throws -> [ReplyEvent] {
    let server = LoopbackHTTPServer(handler: handler)
    var endpoint = try ChatCompletionsGenerator.endpoint(
      address: "http://127.0.0.1:\(server.port)/v1", model: "tiny", apiKey: key)
    endpoint.firstWordTimeout = stall
    endpoint.stallTimeout = stall
    let log = EventLog<ReplyEvent>()
    let generator = ChatCompletionsGenerator(endpoint: endpoint, keyVariable: "TEST_KEY") { log.append($0) }
    defer { generator.stop() }
    generator.generate(Self.turn, history: Self.history, language: "de")
    #expect(log.wait { $0.contains { $0.isEnd } })
    return log.all
  }

  private func text(of events: [ReplyEvent]) -> String {
    events.reduce("") { if case .text(Self.turn, let piece) = $1 { $0 + piece } else { $0 } }
  }

  private func failure(of events: [ReplyEvent]) -> String? {
    for case .failed(Self.turn, let why) in events { return why }
    return nil
  }

  @Test func anAnswerIsStreamedWhereverItIsCut() throws {
    let request = Locked<(head: String, body: String)>(("", ""))
    let events = try ask(key: "sk-secret") { exchange in
      let (head, body) = (exchange.head, exchange.body)
      request.withLock { $0 = (head, body) }
      exchange.write(Self.okHead)
      let body2 = """
        : keep-alive\r
        \r
        data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\r
        \r
        data: {"choices":[{"index":0,"delta":{"content":"Grüß "},"finish_reason":null}],"usage":null}

        data: {"choices":[{"index":0,"delta":{"content":"Gott. 👋"},"finish_reason":null}]}

        data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"choices":[],"usage":{"total_tokens":10}}

        data: [DONE]


        """
      for byte in body2.unicodeScalars { exchange.write(String(byte)) }
    }
    #expect(text(of: events) == "Grüß Gott. 👋")
    #expect(events.last == .finished(Self.turn))
    let (head, body) = request.withLock { $0 }
    #expect(head.hasPrefix("POST /v1/chat/completions HTTP/1.1"))
    #expect(head.contains("Authorization: Bearer sk-secret"))
    #expect(body.contains(#""stream":true"#) && body.contains(#""model":"tiny""#))
    #expect(body.contains("Hi, I am…") && body.contains("code de"))
  }

  @Test(arguments: [
    ("401 Unauthorized", #"{"error":{"message":"Incorrect key sk-secret"}}"#, ["key was refused", "[key]"]),
    ("404 Not Found", #"{"error":{"message":"no such model"}}"#, ["no model tiny", "no such model"]),
    ("429 Too Many Requests", "slow down", ["too many requests", "wait"]),
    ("503 Service Unavailable", #"{"error":"loading"}"#, ["the server failed", "loading"]),
    ("302 Found\r\nLocation: http://127.0.0.1:9/", "", ["redirects"]),
  ])
  func httpErrorsComeInWords(status: String, body: String, words: [String]) throws {
    let events = try ask(key: "sk-secret") { exchange in
      exchange.write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    }
    let why = try #require(failure(of: events))
    for word in words { #expect(why.contains(word), "\(why)") }
    #expect(!why.contains("sk-secret"))
  }

  @Test func aMissingKeyIsNamed() throws {
    let events = try ask { $0.write("HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") }
    #expect(try #require(failure(of: events)).contains("put the key into TEST_KEY"))
  }

  @Test func anErrorInTheMiddleEndsTheAnswer() throws {
    let events = try ask { exchange in
      exchange.write(Self.okHead + "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n")
      exchange.write("data: {\"error\":{\"message\":\"over\\u001b[31mloaded\"}}\n\n")
    }
    #expect(text(of: events) == "Well")
    let why = try #require(failure(of: events))
    #expect(why.contains("over [31mloaded"))
  }

  @Test func aBrokenOffAnswerIsAFailure() throws {
    let events = try ask { $0.write(Self.okHead + "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n") }
    #expect(text(of: events) == "Well")
    #expect(try #require(failure(of: events)).contains("broke off"))
  }

  @Test func aSilentServerIsGivenUp() throws {
    let events = try ask(stall: .milliseconds(200)) { exchange in
      exchange.write(Self.okHead)
      exchange.waitForClientToGo()
    }
    #expect(try #require(failure(of: events)).contains("silent for too long"))
  }

  @Test func nobodyListening() throws {
    let port = LoopbackHTTPServer { _ in }.port
    let log = EventLog<ReplyEvent>()
    let endpoint = try OllamaGenerator.endpoint(address: "http://127.0.0.1:\(port)", model: "llama")
    let generator = OllamaGenerator(endpoint: endpoint) { log.append($0) }
    defer { generator.stop() }
    generator.generate(Self.turn, history: Self.history, language: "en")
    #expect(log.wait { $0.contains { $0.isEnd } })
    #expect(try #require(failure(of: log.all)).contains("`ollama serve`"))
  }

  @Test func cancellingClosesTheConnectionAndSilencesTheTurn() throws {
    let isGone = Locked<Bool>(false)
    let server = LoopbackHTTPServer { exchange in
      exchange.write(Self.okHead)
      exchange.write(#"{"message":{"content":"Once upon"},"done":false}"# + "\n")
      exchange.waitForClientToGo()
      isGone.withLock { $0 = true }
    }
    let log = EventLog<ReplyEvent>()
    let endpoint = try OllamaGenerator.endpoint(address: "http://127.0.0.1:\(server.port)/", model: "llama")
    let generator = OllamaGenerator(endpoint: endpoint) { log.append($0) }
    defer { generator.stop() }
    generator.generate(Self.turn, history: Self.history, language: "en")
    #expect(log.wait { $0 == [.text(Self.turn, "Once upon")] })
    generator.cancel(Self.turn)
    #expect(log.wait { _ in isGone.withLock { $0 } })
    #expect(log.all == [.text(Self.turn, "Once upon")])
  }

  @Test func ollamaStreamsLines() throws {
    let server = LoopbackHTTPServer { exchange in
      exchange.write("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n")
      for piece in [
        #"{"message":{"role":"assistant","content":"It is "},"done":false}"# + "\n{\"message\":{\"con",
        "tent\":\"noon.\"}",
        ",\"done\":false}\n", #"{"message":{"content":""},"done":true,"done_reason":"stop"}"# + "\n",
      ] { exchange.write(piece) }
    }
    let log = EventLog<ReplyEvent>()
    let endpoint = try OllamaGenerator.endpoint(address: "http://127.0.0.1:\(server.port)", model: "llama")
    let generator = OllamaGenerator(endpoint: endpoint) { log.append($0) }
    defer { generator.stop() }
    generator.generate(Self.turn, history: Self.history, language: "en")
    #expect(log.wait { $0.contains { $0.isEnd } })
    #expect(text(of: log.all) == "It is noon.")
    #expect(log.all.last == .finished(Self.turn))
  }

  @Test(arguments: [
    ("https://api.example.com", "https://api.example.com/v1/chat/completions"),
    ("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
    ("http://localhost:8080/openai/v1/chat/completions", "http://localhost:8080/openai/v1/chat/completions"),
  ])
  func addressesAreCompleted(given: String, url: String) throws {
    let endpoint = try ChatCompletionsGenerator.endpoint(address: given, model: "m", apiKey: nil)
    #expect(endpoint.url.absoluteString == url)
  }

  @Test(arguments: ["", "localhost:8080", "ftp://host", "http://", "http://user:pass@host"])
  func badAddressesAreRefused(address: String) {
    #expect(throws: LanguageModelEndpoint.InvalidURL.self) {
      try ChatCompletionsGenerator.endpoint(address: address, model: "m", apiKey: nil)
    }
  }
}

extension ReplyEvent {
  /// Nothing comes after it.
  fileprivate var isEnd: Bool {
    switch self {
    case .finished, .failed: true
    default: false
    }
  }
}
