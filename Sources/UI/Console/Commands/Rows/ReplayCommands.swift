import Capture
import Screen
import Session

// Playing a recording.
extension Command {
  static let pause = Command("pause")
  static let seek = Command("seek")
  static let step = Command("step")
  static let stepBack = Command("step-back")
  static let slower = Command("slower")
  static let faster = Command("faster")
  static let speed = Command("speed")
  static let sound = Command("sound")
  static let lookBack = Command("look-back")
}

extension CommandTable {
  static let replayRows: [CommandSpec] = [
    CommandSpec(
      .lookBack, .recording, [.on(.home, [.panes])], "back",
      "Go back in the running session by 10 s, or to a place as in -30s, 1:23 or turn 4; again, to its beginning.",
      hinted: [], argument: [Argument.place.optional]
    ) { console, input throws(CommandFault) in try console.lookBack(input.text) },
    CommandSpec(
      .pause, .recording, [.on(" ")], "pause", "Stop playing the recording, or go on; at its end, begin anew.", .seek,
      labelled: { $0.replay?.state.isPlaying == true ? nil : "play" }
    ) { console, _ throws(CommandFault) in try console.playOrPause() },
    CommandSpec(
      .seek, .recording,
      [
        .seek(Key(.left), "-\(Console.scrubStep)"), .seek(Key(.right), "+\(Console.scrubStep)"),
        .seek(Key(.left, .shift), "-\(Console.fineScrubStep)"), .seek(Key(.right, .shift), "+\(Console.fineScrubStep)"),
        .seek("u", "next turn"), .seek("U", "previous turn"), .seek("l", "next finding"),
        .seek("L", "previous finding"), .seek("b", "next mark"), .seek("B", "previous mark"),
        .seek("o", "next message"), .seek("O", "previous message"), .seek("{", "start"), .seek("}", "end"),
      ], "seek", "Go to a time, a turn, an entry, or the next finding, mark or message of the recording.", .seek,
      argument: [.place]
    ) { console, input throws(CommandFault) in try console.seek(input.text) },
    CommandSpec(
      .step, .recording, [.on(".")], "step", "Pause, and show one entry more of the recording.", .seek
    ) { _, _ in [.replay(.step(1))] },
    CommandSpec(
      .stepBack, .recording, [.on(",")], "back", "Pause, and show one entry less of the recording.", .seek, hinted: []
    ) { _, _ in [.replay(.step(-1))] },
    CommandSpec(
      .slower, .recording, [.on("[")], "slower", "Play the recording at half the speed.", .seek, hinted: []
    ) { _, _ in [.replay(.changeSpeed(-1))] },
    CommandSpec(
      .faster, .recording, [.on("]")], "faster", "Play the recording at twice the speed.", .seek
    ) { _, _ in [.replay(.changeSpeed(1))] },
    CommandSpec(
      .speed, .recording, [], "speed", "Play the recording at a speed from 0.25 to 16; 1 is as it was recorded.", .seek,
      hinted: [], argument: [.speed]
    ) { _, input in Player.speed(input.text).map { [.replay(.setSpeed($0))] } ?? [] },
    CommandSpec(
      .sound, .recording, [.on("m")], "sound",
      "Hear both sides of the recording, the user alone, the agent alone, or nothing; without a word, nothing or both.",
      .seek, hinted: [], argument: [Argument.tracks.optional]
    ) { console, input throws(CommandFault) in try console.hear(input.text) },
  ]
}

extension CommandSpec.Binding {
  fileprivate static func seek(_ key: Key, _ place: String) -> Self {
    Self(key: KeyPress(key), modes: [.panes], argument: place)
  }
  fileprivate static func seek(_ character: Character, _ place: String) -> Self { .on(character, [.panes], place) }
}

extension Argument {
  /// A place in a recording, to the end of the line.
  fileprivate static let place: Argument = {
    let words = [
      Choice("start", "the beginning"), Choice("end", "the end"), Choice("+10s", "ten seconds on"),
      Choice("-10s", "ten seconds back"), Choice("turn ", "the next turn, or that of a number"),
      Choice("entry ", "the entry of a number"), Choice("next turn"), Choice("previous turn"), Choice("next finding"),
      Choice("previous finding"), Choice("next mark"), Choice("previous mark"), Choice("next message"),
      Choice("previous message"),
    ]
    return Argument(
      Kind(
        takesRest: true,
        check: { word, _ throws(CommandFault) in
          guard SeekRequest(word.text) != nil else {
            throw word.fault("\"\(word.text)\" is no place; a place is \(SeekRequest.expectation)")
          }
        },
        expectation: { _, _ in SeekRequest.expectation },
        complete: { completion, open, _ in completion.offer(words, open) }), "PLACE")
  }()

  /// Whose voice of a recording is heard.
  fileprivate static let tracks = Argument.choice(
    Choice("both", "user and agent"), Choice("user", "what the microphone gave"), Choice("agent", "what was played"),
    Choice("off", "nothing"))

  fileprivate static let speed = Argument(
    Kind(
      check: { word, _ throws(CommandFault) in
        guard Player.speed(word.text) != nil else { throw word.fault("\"\(word.text)\" is no speed from 0.25 to 16") }
      },
      expectation: { _, _ in "a speed from 0.25 to 16" },
      complete: { completion, open, _ in completion.offer(Player.speeds.map { Choice(Self.text(ofSpeed: $0)) }, open) }),
    "SPEED")

  /// As in `0.25`, `2`.
  static func text(ofSpeed speed: Double) -> String {
    Figures.fixed(speed, speed == speed.rounded() ? 0 : (speed * 10).rounded() == speed * 10 ? 1 : 2)
  }
}
