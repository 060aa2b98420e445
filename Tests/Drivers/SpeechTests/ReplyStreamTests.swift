import Testing

@testable import Speech

@Suite struct ReplyStreamTests {
  private typealias ChatCompletionsStream = EventStream<ChatCompletionsEvents>
  static let events = """
    event: message
    data: {"choices":[{"delta":{"content":"ä"}}]}

    data:{"choices":[{"delta":
    data: {"content":"b"},"finish_reason":"stop"}]}

    data: [DONE]

    data: {"choices":[{"delta":{"content":"after the end"}}]}


    """
  static let lines = """
    {"message":{"content":"ä"},"done":false}

    {"message":{"content":"b"},"done":true}
    {"message":{"content":"after the end"},"done":false}

    """

  /// Cuts the bytes into two at every place, and into single bytes.
  private func everyCut(of text: String, _ make: () -> any ReplyStream) -> [[ReplyPiece]] {
    let bytes = Array(text.utf8)
    var results = (0...bytes.count).map { cut in
      var stream = make()
      let pieces = stream.process(Array(bytes[..<cut])) + stream.process(Array(bytes[cut...]))
      return pieces + stream.finish()
    }
    var single = make()
    let pieces = bytes.flatMap { single.process([$0]) }
    results.append(pieces + single.finish())
    return results
  }

  @Test func serverSentEventsCutAnywhere() {
    for pieces in everyCut(of: Self.events, { ChatCompletionsStream() }) {
      #expect(pieces == [.text("ä"), .text("b"), .finished])
    }
  }

  @Test func linesCutAnywhere() {
    for pieces in everyCut(of: Self.lines, { OllamaStream() }) {
      #expect(pieces == [.text("ä"), .text("b"), .finished])
    }
  }

  @Test func theDoneMarkMayBeMissingAfterAFinishReason() {
    var stream = ChatCompletionsStream()
    let pieces = stream.process(Array(#"data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#.utf8))
    #expect(pieces + stream.finish() == [.text("a"), .finished])
  }

  @Test func rubbishEndsTheStream() {
    var events = ChatCompletionsStream()
    #expect(
      events.process(Array("data: <html>\n\n".utf8)) == [.failed("an event of its answer is no JSON of this API")])
    #expect(events.finish() == [])
    var lines = OllamaStream()
    #expect(lines.process(Array("<html>\n".utf8)) == [.failed("a line of its answer is no JSON of this API")])
    var endless = OllamaStream()
    let flood = [UInt8](repeating: 0x20, count: LineSplitter.limit + 1)
    #expect(endless.process(flood) == [.failed("a line of its answer has no end")])
  }

  @Test func errorsInTheStream() {
    var events = ChatCompletionsStream()
    #expect(events.process(Array("data: {\"error\":{\"message\":\"m\"}}\n\n".utf8)) == [.failed("m")])
    var lines = OllamaStream()
    #expect(lines.process(Array("{\"error\":\"stopped\"}\n".utf8)) == [.failed("stopped")])
  }
}
