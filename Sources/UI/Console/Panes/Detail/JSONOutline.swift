import Screen

/// A pretty JSON text of which objects and arrays can be folded to a line each.
struct JSONOutline: Sendable, Equatable {
  private let lines: [StyledText]
  private let folds: [Int: JSONPretty.Fold]
  /// The first lines of what is folded.
  private var folded: Set<Int> = []
  /// The lines that are not inside a fold, ascending.
  private(set) var visible: [Int]

  init(_ pretty: JSONPretty) {
    lines = pretty.lines
    folds = pretty.folds
    visible = Array(pretty.lines.indices)
  }

  /// A line as it is to be seen: what is folded shows how much it hides.
  func text(_ line: Int) -> StyledText {
    guard folded.contains(line), let fold = folds[line] else { return lines[line] }
    var text = lines[line]
    text += StyledText(" \(Figures.count(fold.members, fold.isObject ? "key" : "element")) ", .modifier)
    return text + StyledText(String(lines[fold.end].plain.drop { $0 == " " }), .dim)
  }

  /// Folds or unfolds what begins at a line; a line that begins nothing folds what it lies in.
  /// - Returns: the line that stands for it now.
  mutating func toggle(at line: Int) -> Int {
    let start = folds[line] != nil ? line : parent(of: line) ?? line
    guard folds[start] != nil else { return line }
    if folded.remove(start) == nil { folded.insert(start) }
    update()
    return start
  }

  mutating func unfoldAll() {
    folded = []
    update()
  }

  /// Folds everything but the outermost.
  mutating func foldAll() {
    folded = Set(folds.keys.filter { $0 != 0 })
    update()
  }

  private func parent(of line: Int) -> Int? {
    folds.filter { $0.key < line && $0.value.end >= line }.map(\.key).max()
  }

  private mutating func update() {
    visible = []
    var line = 0
    while line < lines.count {
      visible.append(line)
      line = folded.contains(line) ? folds[line]!.end + 1 : line + 1
    }
  }

  var plainText: String { lines.map(\.plain).joined(separator: "\n") }
}
