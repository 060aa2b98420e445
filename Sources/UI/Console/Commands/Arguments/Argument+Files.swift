extension Argument {
  /// A file that exists, by its path; Tab offers folders and files with these endings. Whether it is there is found out
  /// where it is read.
  static func file(_ endings: String...) -> Argument {
    Argument(
      Kind(
        check: { word, _ throws(CommandFault) in
          if word.text.isEmpty { throw word.fault("a file's path is missing") }
        },
        expectation: { _, _ in "the path of a file" },
        complete: { completion, open, known in
          completion.completeFile(open.text, known.listing, endings: endings, isQuoted: true, goesOn: open.goesOn)
        }), "FILE")
  }

  /// A path, to the end of the line, whether a file is there or not.
  static let path = Argument(
    Kind(
      takesRest: true, expectation: { _, _ in "the path of a file" },
      complete: { completion, open, known in completion.completeFile(open.text, known.listing) }), "FILE")

  /// The bytes of a binary message, or where to find them, to the end of the line.
  static let bytes = Argument(
    Kind(
      takesRest: true,
      complete: { completion, open, known in
        if open.text.hasPrefix("@") {
          completion.completeFile(String(open.text.dropFirst()), known.listing, sign: "@")
        } else {
          completion.offer(
            [Choice("hex:", "pairs of digits"), Choice("base64:", "packed bytes"), Choice("@", "a file's path")], open)
        }
      }), "BYTES")
}
