import Capture
import Captures
import Store
import Timeline

/// A recording that can be played: a capture, or JSON lines.
public struct ReplayFile: Sendable {
  /// For whoever shows it, and for whoever reads it through meanwhile: neither waits for the other.
  public let shown: any CaptureSource
  public let indexed: any CaptureSource
  /// For whoever plays its sound; nil where there is none.
  public let heard: (any CaptureSource)?
  public let extent: CaptureExtent
  private let knownRemark: String?
  private let lines: LinesCapture?

  /// Why a file cannot be played, in words with its path.
  public struct Fault: Error, CustomStringConvertible {
    public let description: String
  }

  /// What is missing of it, or could not be read, as far as it was looked at; nil when it is whole.
  public var remark: String? { knownRemark ?? lines?.remark() }

  /// Opens a recording, whatever kind it is of.
  public init(path: String) throws(Fault) {
    do {
      let shown = try CaptureFileReader(path: path)
      let indexed = try CaptureFileReader(path: path)
      let heard = try shown.tracks().contains { $0.extent != nil } ? CaptureFileReader(path: path) : nil
      try self.init(shown, indexed, heard, path)
    } catch let error as CaptureReadError {
      switch error {
      case .jsonLines, .foreign, .missing, .forbidden, .folder, .empty: try self.init(linesAt: path)
      case .newer, .truncated, .damaged, .locked, .unfinished, .other: throw Fault(description: "\(path): \(error)")
      }
    } catch let error as Fault {
      throw error
    } catch {
      throw Fault(description: "\(path): \(error)")
    }
  }

  private init(
    _ shown: any CaptureSource, _ indexed: any CaptureSource, _ heard: (any CaptureSource)?, _ path: String
  ) throws {
    (self.shown, self.indexed, self.heard, extent) = (shown, indexed, heard, try shown.extent())
    guard extent.first != nil else { throw Fault(description: "\(path): nothing has been recorded in it yet") }
    var remarks: [String] = []
    if !extent.isFinished {
      remarks.append("\(path) was not closed: its program still writes it, or was killed")
    }
    if !extent.lost.isZero {
      let counts = [
        extent.lost.entries > 0 ? "\(extent.lost.entries) of its entries" : nil,
        extent.lost.samples > 0 ? "\(extent.lost.samples) of its samples" : nil,
      ]
      remarks.append("\(counts.compactMap(\.self).joined(separator: " and ")) could not be kept when it was recorded")
    }
    (knownRemark, lines) = (remarks.isEmpty ? nil : remarks.joined(separator: "; "), nil)
  }

  private init(linesAt path: String) throws(Fault) {
    do {
      let faults = LinesFaults()
      let lines = try LinesCapture(path: path, faults: faults)
      (shown, indexed) = (ReplayedLines(lines), ReplayedLines(try LinesCapture(path: path, faults: faults)))
      (heard, extent, knownRemark, self.lines) = (nil, try shown.extent(), nil, lines)
    } catch {
      throw Fault(description: Self.fault(path, error))
    }
  }

  /// Why a file is no recording of JSON lines: of one that can be read, the first line is named.
  private static func fault(_ path: String, _ error: any Error) -> String {
    do {
      _ = try TimelineReader.read(path: path)
      return "\(path): \(error)"
    } catch {
      return "\(error)"
    }
  }

  /// All entries, for who says them in words.
  public func entries() throws(Fault) -> [Entry] {
    var walk = CaptureWalk(shown, from: extent.first?.index ?? 0)
    var entries: [Entry] = []
    do {
      while let entry = try walk.peek() {
        entries.append(entry)
        walk.advance()
      }
    } catch {
      // What can be read is said.
      if entries.isEmpty { throw Fault(description: "\(error)") }
    }
    return entries
  }
}
