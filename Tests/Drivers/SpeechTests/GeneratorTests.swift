import Agent
import Foundation
import TestKit
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

  /// Asks a server that answers as `handler` does, and waits for the end of the answer.
  private func ask(
    _ card: LanguageModelCard = .openAI, key: String? = nil, stall: Duration = .seconds(20), limit: Int? = nil,
    history: [Utterance] = GeneratorTests.history,
    _ handler: @escaping @Sendable (LoopbackHTTPServer.Exchange) -> Void
  ) throws -> [ReplyEvent] {
    let server = LoopbackHTTPServer(handler: handler)
    var endpoint = try card.endpoint(address: "http://127.0.0.1:\(server.port)", model: "tiny", apiKey: key)
    endpoint.address.keyVariable = "TEST_KEY"
    endpoint.maximumTokens = limit
    endpoint.firstWordTimeout = stall
    endpoint.stallTimeout = stall
    let log = CollectedEvents<ReplyEvent>()
    let generator = endpoint.makeGenerator { log.append($0) }
    defer { generator.stop() }
    generator.generate(Self.turn, history: history, language: "de")
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

  /// The API refuses messages without words, two of one role in a row, and a conversation that the assistant begins.
  @Test func anthropicIsAskedAndAnswersInItsOwnWay() throws {
    let request = Locked<(head: String, body: String)>(("", ""))
    let history = [
      Utterance(speaker: .agent, text: "Welcome."), Utterance(speaker: .user, text: "hello"),
      Utterance(speaker: .user, text: "is it noon"), Utterance(speaker: .agent, text: " ", wasCut: false),
      Utterance(speaker: .user, text: "well"),
    ]
    let events = try ask(.anthropic, key: "sk-ant-secret", limit: 77, history: history) { exchange in
      let (head, body) = (exchange.head, exchange.body)
      request.withLock { $0 = (head, body) }
      exchange.write(
        Self.okHead
          + """
          event: message_start
          data: {"type":"message_start","message":{"id":"m","type":"message","content":[],"stop_reason":null}}

          event: content_block_start
          data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}

          event: content_block_delta
          data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me see"}}

          event: ping
          data: {"type":"ping"}

          event: content_block_delta
          data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"It is "}}

          event: content_block_delta
          data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"noon."}}

          event: something_new
          data: {"type":"something_new","delta":{"type":"text_delta","text":"not this"}}

          event: message_delta
          data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}

          event: message_stop
          data: {"type":"message_stop"}


          """)
    }
    #expect(text(of: events) == "It is noon." && events.last == .finished(Self.turn))
    let (head, body) = request.withLock { $0 }
    #expect(head.hasPrefix("POST /v1/messages HTTP/1.1"))
    // Foundation writes the names of headers in its own capitals.
    let headers = head.lowercased()
    #expect(headers.contains("x-api-key: sk-ant-secret") && !headers.contains("bearer"))
    #expect(headers.contains("anthropic-version: 2023-06-01"))
    #expect(body.contains(#""max_tokens":77"#) && body.contains(#""model":"tiny""#))
    #expect(body.contains("begun the conversation with these words: Welcome.") && body.contains("code de"))
    let asked = try JSONDecoder().decode(Asked.self, from: Data(body.utf8))
    #expect(asked.messages == [ChatMessage(role: "user", content: "hello\nis it noon\nwell")])
    #expect(asked.stream)
  }

  private struct Asked: Decodable {
    var messages: [ChatMessage]
    var stream: Bool
  }

  @Test func anAnswerThatIsRefusedOrBreaksOffIsAFailure() throws {
    let refused = try ask(.anthropic) { exchange in
      exchange.write(Self.okHead + #"data: {"type":"message_delta","delta":{"stop_reason":"refusal"}}"# + "\n\n")
      exchange.write("data: {\"type\":\"message_stop\"}\n\n")
    }
    #expect(try #require(failure(of: refused)).contains("refuses to answer"))
    let overloaded = try ask(.anthropic) { exchange in
      exchange.write(Self.okHead + #"data: {"type":"error","error":{"type":"overloaded_error","message":"Busy"}}"#)
    }
    #expect(try #require(failure(of: overloaded)).contains("Busy"))
    let short = try ask(.anthropic) { exchange in
      exchange.write(Self.okHead)
      let delta = #""delta":{"type":"text_delta","text":"Well"}}"#
      exchange.write(#"data: {"type":"content_block_delta","index":0,"# + delta + "\n\n")
    }
    #expect(text(of: short) == "Well" && failure(of: short)?.contains("broke off") == true)
  }

  @Test func aServerThatIsBusySaysHowLongToWait() throws {
    let events = try ask(.anthropic) { exchange in
      exchange.write("HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    #expect(try #require(failure(of: events)).contains("wait 7 s"))
    let overloaded = try ask(.anthropic) { exchange in
      let body = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
      exchange.write("HTTP/1.1 529 No\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    }
    #expect(try #require(failure(of: overloaded)).contains("it has too much to do (HTTP 529): Overloaded"))
  }

  /// Each service's own name for the longest answer.
  @Test(arguments: [
    ("ollama", #""num_predict":9"#), ("openai", #""max_tokens":9"#), ("anthropic", #""max_tokens":9"#),
  ])
  func theLongestAnswerIsAskedFor(_ name: String, _ field: String) throws {
    let card = try #require(LanguageModelCard.named(name))
    let body = Locked<String>("")
    _ = try ask(card, limit: 9) { exchange in
      let asked = exchange.body
      body.withLock { $0 = asked }
      exchange.write("HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    #expect(body.withLock { $0 }.contains(field))
    let question = ReplyQuestion(
      model: "m", prompt: "", history: [], maximumTokens: 9, host: "api.openai.com")
    let openAI = String(decoding: try LanguageModelCard.openAI.body(question), as: UTF8.self)
    #expect(openAI.contains(#""max_completion_tokens":9"#) && !openAI.contains(#""max_tokens""#))
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
    let log = CollectedEvents<ReplyEvent>()
    let endpoint = try LanguageModelCard.ollama.endpoint(address: "http://127.0.0.1:\(port)", model: "llama")
    let generator = endpoint.makeGenerator { log.append($0) }
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
    let log = CollectedEvents<ReplyEvent>()
    let endpoint = try LanguageModelCard.ollama.endpoint(address: "http://127.0.0.1:\(server.port)/", model: "llama")
    let generator = endpoint.makeGenerator { log.append($0) }
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
    let log = CollectedEvents<ReplyEvent>()
    let endpoint = try LanguageModelCard.ollama.endpoint(address: "http://127.0.0.1:\(server.port)", model: "llama")
    let generator = endpoint.makeGenerator { log.append($0) }
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
    let endpoint = try LanguageModelCard.openAI.endpoint(address: given, model: "m")
    #expect(endpoint.address.url.absoluteString == url)
  }

  @Test func theReadmeHasARowForEach() throws {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let readme = try String(contentsOfFile: "/\(root)/README.md", encoding: .utf8)
    let rows = readme.split(separator: "\n").map { $0.split(separator: "|").map { $0.filter { $0 != "`" } } }
    for card in LanguageModelCard.all {
      let row = try #require(rows.first { $0.first == " \(card.name) " }, "\(card.name) is not in the table")
      #expect(
        row.dropFirst(2).map { $0.dropFirst().dropLast() } == [
          card.usualAddress[...], (card.keyVariable ?? "none")[...],
        ])
    }
  }

  @Test(arguments: ["", "localhost:8080", "ftp://host", "http://", "http://user:pass@host"])
  func badAddressesAreRefused(address: String) {
    #expect(throws: ServiceAddress.Invalid.self) {
      try LanguageModelCard.openAI.endpoint(address: address, model: "m")
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
