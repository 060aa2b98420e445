import Capture
import Console

extension SessionCapture {
  /// How it stands, as the screen says it.
  var shown: CaptureReport {
    let report = report
    return CaptureReport(
      path: facts.path, byteCount: report.byteCount, limits: facts.limits.map { "\($0.days), up to \($0.size)" },
      keptEntries: report.status.kept.entries, lostEntries: report.status.lost.entries,
      keptSamples: facts.keepsAudio ? report.status.kept.samples : nil, lostSamples: report.status.lost.samples,
      fault: report.status.fault?.description)
  }
}
