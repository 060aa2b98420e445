import Capture
import Screen
import Timeline

// The bar at the foot of a recording: where it is, and what happened where.
//
//   ▶ 00:01:23 / 00:10:00  1×    ──=====──=======───●╌╌╌╌╌╌╌╌╌╌╌╌╌      played and read, the turns, the position
//     reading 43 %                   !   x          M                   findings, cuts, faults, losses, marks
extension Console {
  /// How many rows it has on a screen of some height.
  func barHeight(_ size: Size) -> Int { replay == nil ? 0 : size.height < 30 ? 1 : size.height < 50 ? 2 : 3 }

  private static let figureColumns = 31

  /// Where its track is: a column is a stretch of the recording.
  func barTrack(_ bar: Rect) -> Rect {
    let start = min(bar.width, Self.figureColumns)
    return Rect(x: bar.x + start, y: bar.y, width: max(0, bar.width - start - 1), height: bar.height)
  }

  func drawBar(on surface: inout Surface, in rect: Rect) {
    guard let replay, !rect.isEmpty else { return }
    let track = barTrack(rect)
    let rows = rect.height
    let position = replay.state.extent.share(of: now)
    // One row: places stand on the track. Two: below it. Three: the turns' numbers above it.
    let line = track.row(rows == 3 ? 1 : 0)
    drawFigures(replay, on: &surface, in: Rect(x: rect.x + 1, y: rect.y, width: Self.figureColumns - 2, height: rows))
    guard !track.isEmpty else { return }
    drawTrack(replay, on: &surface, in: line)
    let places = rows == 1 ? line : track.row(rows - 1)
    drawPlaces(replay, on: &surface, in: places)
    if rows == 3 { drawTurnNumbers(replay, on: &surface, in: track.row(0)) }
    let column = line.x + Self.column(position, width: line.width)
    surface[column, line.y] = Cell(scalar: ("●" as Unicode.Scalar).value, style: Style(.focus, [.bold, .reverse]))
  }

  private static func column(_ share: Double, width: Int) -> Int {
    min(max(0, width - 1), Int((share * Double(width - 1)).rounded()))
  }

  private func drawFigures(_ replay: ReplayPanel, on surface: inout Surface, in rect: Rect) {
    let state = replay.state
    let isAtEnd = now >= state.extent.upperBound && !state.isPlaying
    var text = StyledText(state.isPlaying ? "▶ " : isAtEnd ? "█ " : "║ ", .operator, .bold)
    text += StyledText(Figures.elapsed(now - state.extent.lowerBound), .text, .bold)
    text += StyledText(" / \(Figures.elapsed(state.extent.upperBound - state.extent.lowerBound))", .dim)
    let speed = "\(Argument.text(ofSpeed: state.speed))×"
    if let share = state.wayShare {
      text += StyledText("  \(Int(share * 100)) %", .warning, .bold)
    } else {
      text += StyledText("  \(speed)", state.speed == 1 ? .dim : .modifier)
    }
    surface.put(text, in: rect.row(0))
    guard rect.height > 1 else { return }
    var below = StyledText("  ")
    if state.wayShare != nil {
      below += StyledText("reading on the way there", .warning)
    } else if let share = state.readShare {
      below += StyledText("reading \(Int(share * 100)) %", .dim)
    } else if state.isGrowing {
      below += StyledText("still being recorded", .modifier)
    } else {
      below += StyledText(isAtEnd ? "at the end" : state.isPlaying ? "playing" : "paused", .dim)
    }
    if let sound = state.sound, sound != .both, state.wayShare == nil {
      below += StyledText("  sound \(sound.rawValue)", .modifier)
    }
    surface.put(below, in: rect.row(1))
  }

  private func drawTrack(_ replay: ReplayPanel, on surface: inout Surface, in rect: Rect) {
    let extent = replay.state.extent
    let read = replay.state.readShare.map { Self.column($0, width: rect.width) } ?? rect.width
    for x in 0..<rect.width {
      surface[rect.x + x, rect.y] = Cell(
        scalar: (x < read ? "─" as Unicode.Scalar : "╌").value, style: Style(x < read ? .border : .dim))
    }
    for turn in replay.overview.turns {
      let start = Self.column(extent.share(of: turn.start), width: rect.width)
      let end = Self.column(extent.share(of: turn.end ?? max(turn.start, now)), width: rect.width)
      for x in start...max(start, end) {
        surface[rect.x + x, rect.y] = Cell(scalar: ("=" as Unicode.Scalar).value, style: Style(.agent))
      }
    }
  }

  private func drawPlaces(_ replay: ReplayPanel, on surface: inout Surface, in rect: Rect) {
    let extent = replay.state.extent
    // What matters more stands over what matters less.
    for kind in ReplayOverview.Kind.allCases.reversed() {
      for place in replay.overview.places where place.kind == kind {
        let x = Self.column(extent.share(of: place.at), width: rect.width)
        let (scalar, role) = Self.look(of: place)
        surface[rect.x + x, rect.y] = Cell(scalar: scalar.value, style: Style(role, .bold))
      }
    }
  }

  private static func look(of place: ReplayOverview.Place) -> (Unicode.Scalar, Role) {
    switch place.kind {
    case .mark: ("M", .operator)
    case .finding: place.isError ? ("✗", .error) : ("!", .warning)
    case .loss: ("L", .error)
    case .fault: ("F", .fault)
    case .cut: ("✂", .modifier)
    }
  }

  /// The number of each turn where it begins, as far as there is room.
  private func drawTurnNumbers(_ replay: ReplayPanel, on surface: inout Surface, in rect: Rect) {
    var free = 0
    for turn in replay.overview.turns {
      let x = Self.column(replay.state.extent.share(of: turn.start), width: rect.width)
      let text = "\(turn.number)"
      guard x >= free, x + text.count <= rect.width else { continue }
      let isCurrent = turn.start <= now && turn.end.map { now < $0 } ?? true
      surface.put(
        StyledText(text, isCurrent ? .agent : .dim, isCurrent ? .bold : []),
        in: Rect(x: rect.x + x, y: rect.y, width: text.count, height: 1))
      free = x + text.count + 1
    }
  }

  /// A press or a drag on the bar goes to the moment under the pointer.
  /// - Returns: nil when it is not about the bar.
  mutating func handleOnBar(_ pointer: Mouse) -> [ConsoleEffect]? {
    guard let replay, let bar = layout(size).bar else { return nil }
    switch pointer.action {
    case .press:
      guard bar.contains(x: pointer.x, y: pointer.y) else { return nil }
      mouse.holdsBar = true
    case .drag: guard mouse.holdsBar else { return nil }
    case .release:
      guard mouse.holdsBar else { return nil }
      mouse.holdsBar = false
      return []
    case .wheelUp, .wheelDown:
      guard bar.contains(x: pointer.x, y: pointer.y) else { return nil }
      let step = Duration.seconds(pointer.action == .wheelUp ? -5 : 5)
      return [.replay(.goBy(step))]
    }
    let track = barTrack(bar)
    let share = Double(pointer.x - track.x) / Double(max(1, track.width - 1))
    return [.replay(.go(.moment(replay.state.extent.moment(at: share))))]
  }
}
