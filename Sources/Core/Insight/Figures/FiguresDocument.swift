/// docs/figures.md, made from the table of figures.
public enum FiguresDocument {
  /// The whole file. Checked in, and compared by a test, so that it is never out of date.
  public static func markdown(_ table: FigureTable = .standard) -> String {
    var text = """
      # Figures

      What the program says of a session in numbers, live and in a replay alike: in the panes, in the list of `:status`, in
      `--summary` and in `--summary=json` ([headless.md](headless.md)). Made from the table in
      `Sources/Core/Insight/Figures`; [how-to-add.md](how-to-add.md) says how another one is added.

      Counts are there from the start, as 0. Any other figure is missing (`null` in JSON, `–` on the screen) until there is
      something to measure. Percentiles are by nearest rank: p95 is a value that was measured, and 95 of 100 are not above it.
      Units are those of JSON: the screen shows 1.2 MB where JSON says 1200000 bytes.


      """
    for (group, rows) in table.groups {
      text += "## \(group.rawValue)\n\n| figure | unit | | measured |\n|---|---|---|---|\n"
      for row in rows {
        text += "| `\(row.id)` | \(row.unit.rawValue) | **\(row.title)**. \(row.meaning) | \(row.measured) |\n"
      }
      text += "\n"
    }
    return String(text.dropLast())
  }
}
