import Screen

/// Where everything is on a screen of some size.
///
/// Compact (under 100 columns or 30 rows): one thing under the other, microphone and agent side by side. Else three
/// bands: meters, reading, buffers.
struct ConsoleLayout: Sendable, Equatable {
  /// Below this nothing can be read.
  static let minimum = Size(width: 60, height: 16)

  let size: Size
  private(set) var strip = Rect(x: 0, y: 0, width: 0, height: 0)
  private(set) var banner: Rect?
  /// All the panes together.
  private(set) var body = Rect(x: 0, y: 0, width: 0, height: 0)
  private(set) var hints = Rect(x: 0, y: 0, width: 0, height: 0)
  private var panes: [Pane: Rect] = [:]

  var isTooSmall: Bool { size.width < Self.minimum.width || size.height < Self.minimum.height }
  /// The panes that found room, in order.
  var visible: [Pane] { Pane.allCases.filter { panes[$0] != nil } }

  init(_ size: Size, open: Set<Pane>, zoomed: Pane?, hasBanner: Bool) {
    self.size = size
    let whole = Rect(x: 0, y: 0, width: size.width, height: size.height)
    let rows = Layout.rows(whole, [.fixed(1), .fixed(hasBanner ? 1 : 0), .flexible(), .fixed(1)])
    (strip, banner, body, hints) = (rows[0], hasBanner ? rows[1] : nil, rows[2], rows[3])
    if let zoomed {
      panes[zoomed] = body
    } else if size.width < 100 || size.height < 30 {
      stack(open)
    } else {
      band(open)
    }
    panes = panes.filter { !$0.value.isEmpty }
  }

  func rect(of pane: Pane) -> Rect { panes[pane] ?? Rect(x: 0, y: 0, width: 0, height: 0) }

  func pane(atX x: Int, y: Int) -> (Pane, Rect)? {
    panes.first { $0.value.contains(x: x, y: y) }.map { ($0.key, $0.value) }
  }

  private mutating func stack(_ open: Set<Pane>) {
    let grows = open.contains(.transcript) || open.contains(.log)
    let meters = [Pane.mic, .agent].filter(open.contains)
    // What goes first when rows are short: latency, then the meters' third line.
    let isShort = body.height < 20 && grows
    let meterHeight: Length = grows ? .fixed(isShort ? 4 : 5) : .flexible(weight: 2, minimum: 4)
    let rows = Layout.rows(
      body,
      [
        meters.isEmpty ? .fixed(0) : meterHeight,
        !open.contains(.latency) || isShort && open.count > 3
          ? .fixed(0) : grows ? .fixed(body.height >= 26 ? 4 : 3) : .flexible(minimum: 3),
        open.contains(.transcript) ? .flexible(weight: 4, minimum: 4) : .fixed(0),
        open.contains(.log) ? .flexible(weight: 5, minimum: 4) : .fixed(0),
        !open.contains(.buffers) ? .fixed(0) : open.count <= 3 ? .flexible(minimum: 3, maximum: 6) : .fixed(1),
      ])
    place(meters, in: rows[0])
    panes[.latency] = rows[1]
    panes[.transcript] = rows[2]
    panes[.log] = rows[3]
    panes[.buffers] = rows[4]
  }

  private mutating func band(_ open: Set<Pane>) {
    let meters = [Pane.mic, .agent, .latency].filter(open.contains)
    let reading = [Pane.transcript, .log].filter(open.contains)
    let meterHeight = (body.height / 5).clamped(to: 7...12)
    let buffersHeight = body.height >= 34 ? 5 : 4
    let rows = Layout.rows(
      body,
      [
        meters.isEmpty ? .fixed(0) : reading.isEmpty ? .flexible(weight: 3, minimum: 7) : .fixed(meterHeight),
        reading.isEmpty ? .fixed(0) : .flexible(minimum: 5),
        !open.contains(.buffers)
          ? .fixed(0) : meters.isEmpty && reading.isEmpty ? .flexible() : .fixed(buffersHeight),
      ])
    // The bars need more room than the waveforms.
    place(meters, in: rows[0], weights: [5, 5, 6])
    if reading.count == 2 {
      let columns = Layout.columns(rows[1], [.flexible(weight: 3), .flexible(weight: 5)])
      (panes[.transcript], panes[.log]) = (columns[0], columns[1])
    } else {
      place(reading, in: rows[1])
    }
    panes[.buffers] = rows[2]
  }

  private mutating func place(_ group: [Pane], in rect: Rect, weights: [Int] = [1, 1, 1]) {
    let columns = Layout.columns(rect, group.indices.map { .flexible(weight: weights[$0]) })
    for (pane, column) in zip(group, columns) { panes[pane] = column }
  }
}

extension Console {
  func layout(_ size: Size) -> ConsoleLayout {
    ConsoleLayout(size, open: openPanes, zoomed: isZoomed ? focus : nil, hasBanner: banner != nil)
  }

  /// The inside of an opened message.
  func messageArea(_ size: Size) -> Size {
    let body = layout(size).body
    return Size(width: body.width - 4, height: body.height - 2)
  }
}
