import Testing
import Timeline
import Wire

@testable import Session

@Suite struct OpenConnectionTests {
  private func connection() -> OpenConnection {
    OpenConnection(
      LinkID(1), dialect: VoiceDialect(), SessionConfiguration(), askedToResume: false, openedAt: .zero)
  }
  private func call(_ id: String, name: String = "f", arguments: String = "{}") -> ToolCall {
    ToolCall(id: id, name: name, arguments: arguments)
  }

  @Test func callsAreKeptByNumberAndByBytes() {
    var connection = connection()
    for i in 0..<OpenConnection.toolCallLimit { #expect(connection.toolCalled(call("\(i)")) == nil) }
    #expect(connection.toolCalled(call("next"))?.contains("the oldest cannot be answered any more") == true)
    #expect(connection.toolCalls.map(\.id) == (1..<32).map { "\($0)" } + ["next"])
    // The last byte that has room, and the first that has none.
    let fitting = String(repeating: "n", count: OpenConnection.longestCall - 2)
    #expect(connection.toolCalled(call("id", name: fitting))?.contains("more than 32") == true)
    #expect(
      connection.toolCalled(call("id2", name: fitting))
        == "a tool call cannot be answered from here: its id and name have 1025 bytes, more than 1024")
    #expect(connection.toolCalls.last == .init(id: "id", name: fitting))
  }

  @Test func argumentsAreNotKept() {
    var connection = connection()
    #expect(connection.toolCalled(call("a", arguments: String(repeating: "x", count: 10_000_000))) == nil)
    #expect(connection.toolCalls == [.init(id: "a", name: "f")])
    connection.toolAnswered("a")
    #expect(connection.toolCalls.isEmpty)
  }
}
