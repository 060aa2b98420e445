/// How long one part of a split is, in cells.
public enum Length: Sendable, Hashable {
  /// Exactly so much, while there is room.
  case fixed(Int)
  /// A share of what the others leave, between a minimum and a maximum.
  case flexible(weight: Int = 1, minimum: Int = 0, maximum: Int = .max)
}

/// Splits rectangles into rows and columns.
///
/// Room is given in this order, each time from the first part to the last: fixed lengths, minimums, then the rest by
/// weight. What finds no room gets an empty rectangle; the parts never overlap and never leave the whole.
public enum Layout {
  /// Parts from top to bottom, `spacing` rows apart.
  public static func rows(_ rect: Rect, _ lengths: [Length], spacing: Int = 0) -> [Rect] {
    var y = rect.y
    return split(rect.height, lengths, spacing: spacing).map { length in
      defer { y += length + (length > 0 ? spacing : 0) }
      return Rect(x: rect.x, y: min(y, rect.bottom), width: rect.width, height: length)
    }
  }

  /// Parts from left to right, `spacing` columns apart.
  public static func columns(_ rect: Rect, _ lengths: [Length], spacing: Int = 0) -> [Rect] {
    var x = rect.x
    return split(rect.width, lengths, spacing: spacing).map { length in
      defer { x += length + (length > 0 ? spacing : 0) }
      return Rect(x: min(x, rect.right), y: rect.y, width: length, height: rect.height)
    }
  }

  /// The lengths themselves; their sum with the spacing between parts that are not empty is at most `total`.
  public static func split(_ total: Int, _ lengths: [Length], spacing: Int = 0) -> [Int] {
    var parts = [Int](repeating: 0, count: lengths.count)
    var room = max(0, total)
    var hasPart = false
    func charge(_ wanted: Int) -> Int {
      let gap = hasPart ? max(0, spacing) : 0
      guard wanted > 0, room > gap else { return 0 }
      hasPart = true
      room -= gap
      let given = min(wanted, room)
      room -= given
      return given
    }
    for (i, length) in lengths.enumerated() {
      if case .fixed(let wanted) = length { parts[i] = charge(wanted) }
    }
    var isOpen = [Bool](repeating: false, count: lengths.count)
    for (i, length) in lengths.enumerated() {
      guard case .flexible(let weight, let minimum, let maximum) = length else { continue }
      // A part that starts at nothing still needs its gap, so it begins with one cell.
      parts[i] = charge(min(max(1, minimum), max(0, maximum)))
      isOpen[i] = parts[i] > 0 && weight > 0
    }
    share(room, lengths, &parts, isOpen)
    return parts
  }

  /// Gives `room` to the open parts so that their lengths come as near as possible to the weights.
  private static func share(_ room: Int, _ lengths: [Length], _ parts: inout [Int], _ isOpen: [Bool]) {
    var room = room
    func weight(_ i: Int) -> Int {
      if case .flexible(let weight, _, _) = lengths[i] { return weight }
      return 0
    }
    func maximum(_ i: Int) -> Int {
      if case .flexible(_, _, let maximum) = lengths[i] { return maximum }
      return parts[i]
    }
    // A cell at a time to the part that is shortest for its weight, rounded to the nearest (Sainte-Laguë): exact,
    // stable, and screens are small.
    while room > 0 {
      var best: Int?
      for i in parts.indices where isOpen[i] && parts[i] < maximum(i) {
        guard let b = best else {
          best = i
          continue
        }
        if (2 * parts[i] + 1) * weight(b) < (2 * parts[b] + 1) * weight(i) { best = i }
      }
      guard let chosen = best else { return }
      parts[chosen] += 1
      room -= 1
    }
  }
}
