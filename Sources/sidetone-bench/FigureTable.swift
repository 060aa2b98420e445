/// The figures of all benchmarks, aligned.
struct FigureTable {
  private var rows = [["benchmark", "what", "median", "range of runs", "against", "ratio", ""]]
  private(set) var hasMissedBudget = false

  mutating func add(_ figures: [Figure], of benchmark: String) {
    for (i, figure) in figures.enumerated() {
      hasMissedBudget = hasMissedBudget || figure.missesBudget
      rows.append([
        i == 0 ? benchmark : "", figure.what, Self.text(figure.value, figure.unit), range(figure), against(figure),
        figure.ratio.map { Self.digits($0) } ?? "", verdict(figure),
      ])
    }
  }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        // Figures to the right, words to the left.
        line += ([2, 5].contains(column) ? space + cell : cell + space) + "  "
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  private func range(_ figure: Figure) -> String {
    guard figure.runs.count > 1, let least = figure.runs.min(), let most = figure.runs.max() else { return "" }
    return "\(Self.digits(least)) … \(Self.digits(most)) (\(figure.runs.count))"
  }

  private func against(_ figure: Figure) -> String {
    switch figure.reference {
    case .budget(let most): "budget \(Self.text(most, figure.unit))"
    case .floor(let least): "at least \(Self.text(least, figure.unit))"
    case .peer(let name, let value): "\(name) \(Self.text(value, figure.unit))"
    case .none: ""
    }
  }

  private func verdict(_ figure: Figure) -> String {
    switch figure.reference {
    case .budget: figure.missesBudget ? "OVER" : "ok"
    case .floor: figure.missesBudget ? "UNDER" : "ok"
    case .peer, .none: ""
    }
  }

  private static func text(_ value: Double, _ unit: String) -> String { "\(digits(value)) \(unit)" }

  /// Three digits that mean something.
  private static func digits(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let scale: Double = abs(value) < 1 ? 1000 : abs(value) < 10 ? 100 : abs(value) < 100 ? 10 : 1
    let rounded = (value * scale).rounded() / scale
    return scale == 1 ? String(Int(rounded)) : "\(rounded)"
  }
}
