import Screen

// What the commands of reading do while the transcript has the focus.
extension Console {
  /// The transcript as rows of its pane as it is on the screen now.
  var transcriptRows: TranscriptRows { TranscriptRows(insight, size: inside(.transcript), clock: clock) }

  /// - Returns: false for a command that means the same in every pane.
  mutating func performInTranscript(_ command: Command, _ argument: String) throws(CommandFault) -> Bool {
    switch command {
    // `/` looks for words in every pane; there is nothing to hide in a conversation.
    case .filter, .search:
      guard let search = TextSearch(argument) else {
        if prompt == nil, transcript.search == nil || command == .filter {
          prompt = Prompt(.search, text: transcript.search?.text ?? "")
        } else {
          transcript.clearSearch()
        }
        return true
      }
      guard transcript.find(search, transcriptRows) else {
        throw CommandFault(reason: "nobody has said \"\(argument)\" so far")
      }
    case .searchNext: try goOn(1)
    case .searchPrevious: try goOn(-1)
    case .follow:
      guard transcript.isHeld else { return false }
      transcript.follow()
    default: return false
    }
    return true
  }

  private mutating func goOn(_ direction: Int) throws(CommandFault) {
    guard transcript.search != nil else {
      let (next, previous) = (call(.searchNext), call(.searchPrevious))
      throw CommandFault(reason: "\(call(.filter)) searches the transcript; \(next) and \(previous) go on")
    }
    guard let hasWrapped = transcript.step(direction, transcriptRows) else {
      throw CommandFault(reason: "nothing is found any more")
    }
    if hasWrapped { tell(direction > 0 ? "went on at the beginning" : "went on at the end") }
  }
}
