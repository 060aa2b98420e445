import Wire

/// The figures that are told of a session: an array of rows. What lists figures is given a table and knows no figure by name.
public struct FigureTable: Sendable {
  /// The version of the JSON that is made of a table: it changes when a reader of the former one would go wrong.
  public static let schema = 1

  /// Every figure that the program has, in the order of the page.
  public static let standard = FigureTable(
    Figure.responses + Figure.bargeInFigures + Figure.playout + Figure.uplink + Figure.connection)

  public var rows: [Figure]

  public init(_ rows: [Figure]) { self.rows = rows }

  /// The row of an id; nil where there is none.
  public subscript(id: String) -> Figure? { rows.first { $0.id == id } }

  /// The groups that have rows, each with them, in order.
  public var groups: [(group: Figure.Group, rows: [Figure])] {
    Figure.Group.allCases.map { group in (group, rows.filter { $0.group == group }) }.filter { !$0.1.isEmpty }
  }

  /// An object with a member for each row, by its id: `{"unit":"ms","value":640}`, `null` where there is no value. Values
  /// have three decimals at most.
  public func json(of insight: Insight) -> JSONValue {
    let members = rows.map { row in
      (
        row.id,
        JSONValue.object([
          "unit": .string(row.unit.rawValue),
          "value": row.value(in: insight).map { .number(Self.rounded($0)) } ?? .null,
        ])
      )
    }
    return .object(Dictionary(members) { first, _ in first })
  }

  /// What lies beyond a thousandth of a unit is noise of the computation.
  private static func rounded(_ value: Double) -> Double {
    abs(value) < 1e12 ? (value * 1000).rounded() / 1000 : value
  }
}
