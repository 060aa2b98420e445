import Glibc
import Screen

/// Which stretches of a row differ between two frames.
enum GridDiff {
  /// Unchanged cells between two changes that are sent along, because a new call costs more than they do.
  static let mergedGap = 4

  /// Calls `body` with each stretch to send and the number of cells in it that changed, from left to right. Without an
  /// old frame, or with one of another size, that is the whole row.
  ///
  /// A stretch never begins or ends inside a wide character.
  static func runs(from old: Surface?, to new: Surface, row y: Int, _ body: (Range<Int>, Int) -> Void) {
    let width = new.size.width
    guard width > 0 else { return }
    guard let old, old.size == new.size else { return body(0..<width, width) }
    let start = y * width
    new.cells.withUnsafeBufferPointer { new in
      old.cells.withUnsafeBufferPointer { old in
        // Most rows of most frames.
        if old.baseAddress == new.baseAddress { return }
        let bytes = width * MemoryLayout<Cell>.stride
        if memcmp(old.baseAddress! + start, new.baseAddress! + start, bytes) == 0 { return }
        var run: Range<Int>?
        var changed = 0
        for x in 0..<width where new[start + x] != old[start + x] {
          if let open = run, x - open.upperBound > mergedGap {
            body(open, changed)
            run = nil
            changed = 0
          }
          changed += 1
          var from = run?.lowerBound ?? x
          while from > 0, new[start + from].scalar == 0 { from -= 1 }
          var to = x + 1
          while to < width, new[start + to].scalar == 0 { to += 1 }
          run = from..<to
        }
        if let run { body(run, changed) }
      }
    }
  }
}
