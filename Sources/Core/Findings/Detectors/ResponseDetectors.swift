import Timeline
import Wire

/// Audio of an answer that the server itself has declared cut.
struct AudioAfterInterrupted: Detector {
  static let interests: Interests = .received
  private var cut: (index: Int, at: Timestamp)?

  mutating func look(_ sight: Sight) -> Evidence? {
    for event in sight.meaning {
      switch event {
      case .interrupted: cut = (sight.index, sight.at)
      // What comes from here on belongs to the next answer.
      case .transcriptFinal, .responseText, .ready: cut = nil
      case .audio:
        guard let cut else { break }
        return Evidence(
          [cut.index, sight.index], "audio came \(ms((sight.at - cut.at).milliseconds)) after interrupted")
      default: break
      }
    }
    return nil
  }
}

/// A response was begun, and neither `response_complete` nor `interrupted` ever ended it.
struct ResponseNeverCompleted: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .connection, .micFrame, .roundTrip]
  /// Longer than any pause for a tool's answer that a listener would bear.
  static let patience = Duration.seconds(15)
  private var begun: Int?
  private var last: Timestamp?

  mutating func look(_ sight: Sight) -> Evidence? {
    guard sight.context.marksResponseEnd else { return nil }
    if let change = sight.connection {
      // A lost connection is another matter.
      if change.state == .closed { begun = nil }
      return nil
    }
    for event in sight.meaning {
      switch event {
      case .audio, .responseText:
        begun = begun ?? sight.index
        last = sight.at
      case .responseComplete, .interrupted: begun = nil
      case .transcriptFinal:
        guard let open = begun else { break }
        begun = nil
        return Evidence([open, sight.index], "the next turn's transcript came while the response was still open")
      default: break
      }
    }
    guard let open = begun, let last, sight.at - last >= Self.patience else { return nil }
    begun = nil
    return Evidence(
      [open, sight.index], "nothing came for \(ms((sight.at - last).milliseconds)), and no end of the response")
  }
}

/// Audio went out on a connection whose server had not said `ready`.
struct SendBeforeReady: Detector {
  static let interests: Interests = [.audioSent, .wordsReceived, .connection]
  private var opened: Int?
  private var hasTold = false

  mutating func look(_ sight: Sight) -> Evidence? {
    if let change = sight.connection {
      switch change.state {
      case .open: (opened, hasTold) = (sight.index, false)
      case .ready, .closed, .failed: opened = nil
      default: break
      }
      return nil
    }
    if sight.audio != nil, let opened, !hasTold, sight.context.needsReady {
      hasTold = true
      return Evidence([opened, sight.index], "the first audio message went out before ready")
    }
    for case .ready in sight.meaning { opened = nil }
    return nil
  }
}
