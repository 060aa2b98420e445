/// Names in a sentence.
enum Words {
  /// As in `a, b and c`.
  static func list(_ names: [String], last: String = "and") -> String {
    guard names.count > 1 else { return names.first ?? "none" }
    return names.dropLast().joined(separator: ", ") + " \(last) \(names[names.count - 1])"
  }
}
