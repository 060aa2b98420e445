import Testing
import Wire

@Suite struct RedactionTests {
  @Test(arguments: [
    ("{\"type\":\"ready\",\"resumeToken\":\"abc\"}", "{\"type\":\"ready\",\"resumeToken\":\"…\"}"),
    ("{ \"api_key\" : \"a\\\"b\", \"n\":1}", "{ \"api_key\" : \"…\", \"n\":1}"),
    ("{\"a\":{\"b\":[{\"Client-Secret\":\"x\"}]}}", "{\"a\":{\"b\":[{\"Client-Secret\":\"…\"}]}}"),
    ("{\"resume\\u0054oken\":\"abc\"}", "{\"resume\\u0054oken\":\"…\"}"),
    ("{\"Authorization\":\"Bearer x\"", "{\"Authorization\":\"…\""),
    ("{\"password\":\"cut off", "{\"password\":\"…"),
    ("{\"token\":\"0123456789abcdef\"}", "{\"token\":\"…\"}"),
  ])
  func hidesSecretMembers(from: String, to: String) {
    #expect(Redaction.hideSecrets(in: from) == to)
  }

  @Test(arguments: [
    "", "\"", "{\"token\":\"word\"}", "{\"token\":\"a word of a language model\"}", "{\"password\":\"\"}",
    "{\"password\":null,\"n\":1}", "{\"x\":\"resumeToken\",\"y\":\"abc\"}", "{\"text\":\"my password: \\\"x\\\"\"}",
    "{\"secret\":{\"a\":1}}", "{\"secret\":", "\\\"resumeToken\\\"",
  ])
  func leavesTheRestAlone(text: String) {
    #expect(Redaction.hideSecrets(in: text) == text)
  }

  @Test func hidesKnownSecretsAnywhere() {
    let text = "{\"a\":\"x tok-1234 tok-1234\",\"resumeToken\":\"tok-1234\"} tok-123"
    #expect(
      Redaction.hideSecrets(in: text, literals: ["tok-1234", "a"])
        == "{\"a\":\"x … …\",\"resumeToken\":\"…\"} tok-123")
  }
}
