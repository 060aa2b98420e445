extension Argument {
  /// Any words, to the end of the line.
  static func text(_ name: String) -> Argument { Argument(Kind(takesRest: true), name) }

  /// A whole number, without some; `what` says of what, as in `seconds`. Some have a meaning, and are offered.
  static func number(
    _ name: String, _ range: ClosedRange<Int>, except: Set<Int> = [], _ what: String, known numbers: [Choice] = [],
    suggestion: String = ""
  ) -> Argument {
    let holes = except.isEmpty ? "" : ", without \(Words.list(except.sorted().map(String.init)))"
    let allowed = "the \(what) from \(range.lowerBound) to \(range.upperBound)\(holes)"
    let kind = Kind(
      check: { word, _ throws(CommandFault) in
        guard let number = Int(word.text), range.contains(number), !except.contains(number) else {
          throw word.fault("\"\(word.text)\" is none of \(allowed)")
        }
      },
      expectation: { name, _ in "\(name), one of \(allowed)" },
      complete: { completion, open, _ in completion.offer(numbers, open) })
    return Argument(kind, name, suggestion: suggestion)
  }

  /// One of some words, each with what it means.
  static func choice(_ choices: Choice...) -> Argument {
    var kind = Kind.name("word") { _ in choices }
    kind.syntax = choices.map(\.word).joined(separator: "|")
    kind.expectation = { _, _ in Words.list(choices.map(\.word), last: "or") }
    return Argument(kind)
  }

  /// A JSON object, to the end of the line.
  static let json = Argument(
    Kind(
      takesRest: true,
      check: { word, _ throws(CommandFault) in
        do throws(CommandFault) {
          try JSONCheck.object(word.text)
        } catch {
          throw error.range == nil ? word.fault(error.reason) : error.moved(by: word.range.lowerBound)
        }
      },
      complete: { completion, open, known in completion.offer(known.configs, open) }), "JSON")

  /// A message of any text, to the end of the line; Tab offers the templates.
  static let message = Argument(
    Kind(takesRest: true, complete: { completion, open, known in completion.offer(known.messages, open) }), "MESSAGE")

  /// A filter of the protocol log, to the end of the line. It is checked where it is applied.
  static let filter = Argument(
    Kind(
      takesRest: true,
      complete: { completion, open, known in
        completion.completeFilter(open.text, from: completion.range.lowerBound, known)
      }), "FILTER")
}
