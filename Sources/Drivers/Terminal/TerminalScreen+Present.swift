import CNcurses
import Screen
import Threads

/// What drawing one frame took.
public struct FrameReport: Sendable, Hashable {
  /// Cells that differed from the last frame.
  public var changedCells: Int
  /// Calls to ncurses: stretches of changed cells.
  public var runs: Int
  /// From the comparison to the last byte that the terminal took, or to where it was busy.
  public var nanoseconds: Int64
}

extension TerminalScreen {
  /// Shows a surface: compares it with what is on the screen and sends what differs.
  ///
  /// A surface of another size than the screen's is clipped, or leaves the rest blank.
  /// - Parameter cursor: where the terminal's cursor stands, for text that is being typed; nil hides it.
  @discardableResult
  public func present(_ surface: Surface, theme: Theme, cursor: (x: Int, y: Int)? = nil) -> FrameReport {
    let start = monotonicNanoseconds()
    refreshSize()
    if encoder?.theme != theme {
      encoder = CellEncoder(theme: theme, abilities: abilities, glyphs: glyphs)
      shown = nil
    }
    let frame = surface.size == size ? surface : fitted(surface)
    var report = FrameReport(changedCells: 0, runs: 0, nanoseconds: 0)
    for y in 0..<size.height {
      GridDiff.runs(from: shown, to: frame, row: y) { run, changed in
        send(frame, row: y, run)
        report.changedCells += changed
        report.runs += 1
      }
    }
    shown = frame
    if let cursor, cursor.x >= 0, cursor.y >= 0, cursor.x < size.width, cursor.y < size.height {
      wmove(cnc_stdscr(), Int32(cursor.y), Int32(cursor.x))
      curs_set(1)
    } else {
      curs_set(0)
    }
    wnoutrefresh(cnc_stdscr())
    doupdate()
    sendFrame()
    report.nanoseconds = monotonicNanoseconds() - start
    return report
  }

  private func fitted(_ surface: Surface) -> Surface {
    var result = Surface(size)
    for y in 0..<min(size.height, surface.size.height) {
      for x in 0..<min(size.width, surface.size.width) { result[x, y] = surface[x, y] }
    }
    // The right half of a wide character may have been cut off.
    let last = size.width - 1
    for y in 0..<size.height where surface.size.width > size.width && surface[last + 1, y].scalar == 0 {
      result[last, y] = Cell(scalar: 0x20, style: result[last, y].style)
    }
    return result
  }

  private func send(_ frame: Surface, row y: Int, _ run: Range<Int>) {
    var cells: [cchar_t] = []
    cells.reserveCapacity(run.count)
    for x in run {
      let cell = frame[x, y]
      // The second half comes with the first; ncurses counts it by wcwidth. Alone it is blank.
      if cell.scalar == 0, x > run.lowerBound { continue }
      let isWide = x + 1 < size.width && frame[x + 1, y].scalar == 0
      encoder!.encode(cell.scalar == 0 ? Cell(scalar: 0x20, style: cell.style) : cell, isWide: isWide, into: &cells)
    }
    mvwadd_wchnstr(cnc_stdscr(), Int32(y), Int32(run.lowerBound), cells, Int32(cells.count))
  }
}
