import Screen
import Timeline

extension DeviceChange {
  /// The device's stumbles and its clock against ours, for the border of its pane.
  var troubles: [BorderLabel] {
    var labels: [BorderLabel] = []
    if xruns > 0 { labels.append(BorderLabel(StyledText("xruns \(xruns)", .warning), priority: 2)) }
    if let drift = driftPPM, abs(drift) >= 1 {
      let sign = drift < 0 ? "-" : "+"
      labels.append(BorderLabel(StyledText("\(sign)\(Figures.fixed(abs(drift), 0)) ppm", .dim), priority: 1))
    }
    return labels
  }
}
