import Screen

// What the commands of reading do while the transcript has the focus.
extension Console {
  /// The transcript as rows of its pane as it is on the screen now.
  var transcriptRows: TranscriptRows { TranscriptRows(insight, size: inside(.transcript), clock: clock) }

  /// Looks for words in the conversation; there is nothing to hide in it.
  /// - Parameter asks: without words, ask for some, though others are searched for.
  mutating func searchTranscript(_ input: CommandInput, asks: Bool) throws(CommandFault) {
    guard let search = TextSearch(input.text) else {
      if !input.isAnswer, asks || transcript.search == nil {
        prompt = Prompt(.search, text: transcript.search?.text ?? "")
      } else {
        transcript.clearSearch()
      }
      return
    }
    guard transcript.find(search, transcriptRows) else {
      throw CommandFault(reason: "nobody has said \"\(input.text)\" so far")
    }
  }

  /// To the next (+1) or previous (-1) hit.
  mutating func searchTranscriptOn(_ direction: Int) throws(CommandFault) {
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
