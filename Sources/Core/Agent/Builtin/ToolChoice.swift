import Wire

/// Which of a client's tools the user's words ask for: the one whose name's words are all said. A stand-in for a language
/// model's judgement, for those who develop a client with tools.
enum ToolChoice {
  /// Words of names that say nothing about what the tool is for.
  private static let fillers: Set<String> = [
    "get", "fetch", "find", "look", "up", "lookup", "show", "check", "read", "query", "call", "run", "current", "the",
    "a", "an", "of", "in", "for", "to", "tool", "function", "api",
  ]
  private static let longestName = 64
  private static let toolLimit = 128

  /// - Parameters:
  ///   - tools: as a session object has them: `{"type":"function","name":…,"parameters":{…}}`.
  ///   - id: the call's name.
  static func call(for text: String, among tools: JSONValue?, id: String) -> ToolCall? {
    guard case .array(let list)? = tools else { return nil }
    let said = Set(SpokenWords.fold(text) + words(of: text))
    for tool in list.prefix(toolLimit) {
      guard let name = tool["name"]?.stringValue, !name.isEmpty, name.utf8.count <= longestName else { continue }
      let all = words(of: name)
      let telling = all.filter { !fillers.contains($0) }
      let wanted = telling.isEmpty ? all : telling
      guard !wanted.isEmpty, wanted.allSatisfy(said.contains) else { continue }
      return ToolCall(id: id, name: name, arguments: arguments(tool["parameters"], text))
    }
    return nil
  }

  /// What the result of a tool is, in a sentence.
  static func words(_ result: ToolResult) -> String {
    let value = (try? JSONValue(parsing: result.output.utf8)) ?? .string(result.output)
    let subject = result.name.map { words(of: $0).filter { !fillers.contains($0) }.joined(separator: " ") } ?? ""
    let text = spoken(value, depth: 0)
    let sentence = subject.isEmpty ? text : "The \(subject) says: \(text)"
    return text.isEmpty ? "The tool has given nothing." : sentence + "."
  }

  private static func spoken(_ value: JSONValue, depth: Int) -> String {
    guard depth < 4 else { return "" }
    switch value {
    case .null: return "nothing"
    case .bool(let flag): return flag ? "yes" : "no"
    case .number: return value.jsonText
    case .string(let text): return text
    case .array(let list): return list.prefix(8).map { spoken($0, depth: depth + 1) }.joined(separator: ", ")
    case .object(let members):
      return members.sorted { $0.key < $1.key }.prefix(8).map {
        "\(words(of: $0.key).joined(separator: " ")) \(spoken($0.value, depth: depth + 1))"
      }.joined(separator: ", ")
    }
  }

  /// The required parameters, as far as the words tell: a place or all the words for a text, the first number for a number.
  private static func arguments(_ schema: JSONValue?, _ text: String) -> String {
    var members: [String: JSONValue] = [:]
    if case .array(let required)? = schema?["required"] {
      for name in required.prefix(32).compactMap(\.stringValue) {
        switch schema?["properties"]?[name]?["type"]?.stringValue {
        case "string": members[name] = .string(City.named(in: text) ?? text)
        case "number", "integer": members[name] = NumberWords.first(in: SpokenWords.fold(text)).map { .number($0) }
        case "boolean": members[name] = .bool(true)
        default: break
        }
      }
    }
    return JSONValue.object(members).jsonText
  }

  /// The words of a name as they are spoken. A name is also cut where it changes from small to capital letters.
  private static func words(of name: String) -> [String] {
    var parts = ""
    var wasLower = false
    for character in name.prefix(SpokenWords.longest) {
      if character.isUppercase && wasLower { parts.append(" ") }
      parts.append(character)
      wasLower = character.isLowercase
    }
    return SpokenWords.fold(parts)
  }
}
