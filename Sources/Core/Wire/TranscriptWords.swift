/// Whether two texts are the same words, whatever their case, spaces and punctuation.
public func sameWords(_ a: String, _ b: String) -> Bool {
  func words(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
  let (first, second) = (words(a), words(b))
  return first.isEmpty ? a == b : first == second
}
