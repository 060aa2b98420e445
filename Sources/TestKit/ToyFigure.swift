import Insight

extension Figure {
  /// A figure that is in no table of the program: what a new one needs is a row like this.
  public static let toy = Figure(
    id: "toys", .connection, .count, title: "toys", meaning: "Names of queues that the timeline tells of.",
    measured: "names that were seen"
  ) { Double($0.queues.count) }
}

extension FigureTable {
  /// The program's figures and the toy.
  public static let withToy = FigureTable(standard.rows + [.toy])
}
