import TestKit
import Testing
import Wire

@testable import Agent

/// Sentences as a recogniser of bare words and as one with capitals, punctuation and digits writes them.
@Suite struct SpokenWordsTests {
  @Test(arguments: [
    ("What's two plus three?", "what is two plus three"), ("What's 2 + 3?", "what is two plus three"),
    ("What is 12.5 times 4?", "what is twelve point five times four"),
    ("Set a timer for 10 seconds.", "set a timer for ten seconds"), ("Press 1 to", "press one to"),
    ("Thirty three, four, six", "thirty three four six"), ("33, 4, 6", "thirty three four six"),
    ("3,4,6", "three four six"), ("$5", "five dollars"), ("$1", "one dollar"),
    ("$1,200", "one thousand two hundred dollars"),
    ("$5.50", "five dollars and fifty cents"), ("£3.5", "three point five pounds"), ("50%", "fifty percent"),
    ("fifty per cent", "fifty percent"), ("3:30", "three thirty"), ("3:05", "three oh five"),
    ("3:00", "three o'clock"), ("3 O'Clock", "three o'clock"), ("9:75", "nine seventy five"), ("I'm Tom.", "i am tom"),
    ("I’m Tom.", "i am tom"), ("twenty-one", "twenty one"), ("21st", "twenty first"), ("2nd", "second"),
    ("1,000", "one thousand"), ("1,234,567", "1234567"), ("1000000", "1000000"), ("1.2.3", "1.2.3"),
    (".5", "zero point five"),
    ("0.25", "zero point two five"), ("21°C", "twenty one degrees c"), ("3x4", "three x four"),
    ("St. Louis", "saint louis"),
    ("Main St.", "main st"), ("São Paulo", "sao paulo"), ("'Hello,' he said", "hello he said"),
    ("Mm-hmm.", "mhm"), ("mhm", "mhm"), ("Mm hm", "mhm"), ("Um, huh?", "mhm"), ("Uh-huh.", "uhhuh"),
    ("Uh-uh.", "uh uh"), ("Hmm…", "hm"),
    ("3 p.m.", "three pm"), ("3 PM", "three pm"), ("All right!", "alright"), ("2½", "two and a half"),
    ("½ hour", "half hour"),
    ("-5", "minus five"), ("5 - 3", "five minus three"), ("10-second", "ten second"), ("R&B", "r and b"), ("", ""),
    ("99999999999999999999", "99999999999999999999"), ("٣", "٣"), ("-", ""), ("$", ""), (".", ""), ("3:", "three"),
    ("1,", "one"), ("5.", "five"), ("'", ""),
  ])
  func isTheFormOf(text: String, words: String) {
    #expect(SpokenWords.fold(text).joined(separator: " ") == words)
  }

  @Test func isItsOwnForm() {
    for text in ["What's 12.5 × 4?", "$5.50", "3:05", "21st", "St. Louis", "1,234,567", "Mm-hmm. Uh-huh."] {
      let once = SpokenWords.fold(text)
      #expect(SpokenWords.fold(once.joined(separator: " ")) == once, "\(text)")
    }
  }

  @Test func everyNumberBelowAMillionIsReadBack() {
    for number in Array(0...1200) + [1999, 10_000, 99_999, 100_001, 123_456, 999_999] {
      #expect(NumberWords.read(SpokenWords.fold("\(number)"))?.value == Ratio(number, 1))
    }
  }

  @Test func noTextTraps() {
    var random = SeededGenerator(seed: 11)
    let pieces: [Character] = Array("0123456789.,:$€£%°½'’-−+*/#& stndrhamplSt é٣\u{301}🙂\n\0")
    for _ in 0..<5000 {
      let text = String((0..<Int.random(in: 0...24, using: &random)).map { _ in pieces.randomElement(using: &random)! })
      for word in SpokenWords.fold(text) { #expect(!word.isEmpty && !word.contains(" "), "\(text)") }
    }
    #expect(SpokenWords.fold(String(repeating: "7", count: 100_000)).joined().count == SpokenWords.longest)
  }

  /// The same sentence in both forms gets the same answer, and it is none that says that it was not understood.
  @Test(arguments: [
    ("what time is it", "What time is it?"), ("what is the time", "What's the time?"),
    ("what time is it in berlin", "What time is it in Berlin?"),
    ("what time is it in new york", "What time is it in New York?"),
    ("what time is it in sao paulo", "What time is it in São Paulo?"),
    ("what time is it in saint louis", "What time is it in St. Louis?"),
    ("what is today's date", "What's today's date?"),
    ("what day is it", "What day is it?"), ("what is the date tomorrow", "What's the date tomorrow?"),
    ("what year is it", "What year is it?"), ("what month is it", "What month is it?"),
    ("what is two plus three", "What's two plus three?"), ("what is two plus three", "What's 2 + 3?"),
    ("what is two plus three", "What is 2 plus 3?"), ("what is twelve point five times four", "What is 12.5 times 4?"),
    ("what is twelve times eleven", "What's 12 × 11?"), ("what is twelve times eleven", "12 x 11."),
    ("what is seven divided by two", "What's 7 / 2?"), ("what is seven divided by two", "What is 7 ÷ 2?"),
    ("what is one thousand minus one", "What's 1,000 - 1?"),
    ("what is twenty one plus one", "What's twenty-one plus one?"),
    ("what is twenty one plus one", "What's 21 plus 1?"), ("what is fifty percent of ten", "What's 50% of 10?"),
    ("what is fifty percent of ten", "What is 50 per cent of 10?"),
    ("what is five dollars plus three dollars", "What's $5 plus $3?"),
    ("what is zero point five times two", "What is .5 times 2?"),
    ("what is two and a half times two", "What is 2½ times 2?"),
    ("what is one divided by zero", "What's 1 divided by 0?"), ("what is minus three plus five", "What's -3 + 5?"),
    ("what is one hundred and five plus one", "What's 105 plus 1?"),
    ("how much is three point five plus one point two five", "How much is 3.5 + 1.25?"),
    ("can you tell me what six times seven is", "Can you tell me what 6 times 7 is?"),
    ("set a timer for ten seconds", "Set a timer for 10 seconds."),
    ("set a timer for ten seconds", "Set a timer for ten seconds."),
    ("set a ten second timer", "Set a 10-second timer."),
    ("set a timer for one minute and thirty seconds", "Set a timer for 1 minute and 30 seconds."),
    ("set a timer for one minute thirty seconds", "Set a timer for 1 minute, 30 seconds."),
    ("set a timer for two and a half minutes", "Set a timer for 2.5 minutes."),
    ("set a timer for two and a half minutes", "Set a timer for 2½ minutes."),
    ("set a timer for half an hour", "Set a timer for half an hour."),
    ("set a timer for twenty one minutes", "Set a timer for twenty-one minutes."),
    ("set a timer for ten minutes", "Set a timer for 10 min."),
    ("set a timer for an hour and a half", "Set a timer for 1.5 hours."),
    ("remind me in two minutes", "Remind me in 2 minutes."), ("cancel the timer", "Cancel the timer."),
    ("how long is left on the timer", "How long is left on the timer?"), ("turn off the light", "Turn off the light."),
    ("turn on the lights in the kitchen", "Turn on the lights in the kitchen, please."),
    ("which lights are on", "Which lights are on?"),
    ("dim the lights in the living room", "Dim the lights in the living room."),
    ("play some jazz music", "Play some jazz music!"),
    ("stop the music", "Stop the music."), ("set the volume to eighty percent", "Set the volume to 80%."),
    ("set the volume to eight", "Set the volume to 8."),
    ("set the temperature to nineteen degrees", "Set the temperature to 19°."),
    ("set the temperature to nineteen degrees", "Set the temperature to 19 degrees."),
    ("make it warmer", "Make it warmer."),
    ("hello", "Hello."), ("hello", "Hello!"), ("good morning", "Good morning."), ("how are you", "How are you?"),
    ("i am tom", "I'm Tom."), ("my name is anna", "My name's Anna."), ("what is my name", "What's my name?"),
    ("who are you", "Who are you?"), ("what is your name", "What's your name?"), ("thank you", "Thank you."),
    ("thank you", "Thank you!"), ("goodbye", "Goodbye."), ("yes", "Yes."), ("yeah", "Yeah."), ("no", "No."),
    ("okay", "Okay."),
    ("mm hmm", "Mm-hmm."), ("uh huh", "Uh-huh."), ("never mind", "Never mind."), ("stop", "Stop!"), ("wait", "Wait."),
    ("tell me a story", "Tell me a story."), ("tell me a joke", "Tell me a joke."), ("go on", "Go on."),
    ("what did you just say", "What did you just say?"), ("what did i just say", "What did I just say?"),
    ("i did not understand", "I didn't understand."), ("help", "Help."), ("what can you do", "What can you do?"),
  ])
  func isAnsweredAlike(bare: String, written: String) {
    var (first, second) = (Dialogue(), Dialogue())
    let answer = first.say(bare)
    #expect(second.say(written) == answer)
    #expect(!answer.hasPrefix("I did not understand"))
    #expect(first.timers == second.timers)
  }

  @Test func aSentenceWithAStopInItIsPutTogether() {
    var model = BuiltinModel()
    let halves = [Utterance(speaker: .user, text: "Set a timer for."), Utterance(speaker: .user, text: "10 seconds.")]
    #expect(model.reply(to: halves, now: Dialogue().now).text == "I set a timer for ten seconds.")
  }

  @Test(arguments: [
    ("set brightness to fifty", 50), ("Set brightness to 50%.", 50), ("Set the brightness to 12.5.", 12.5),
    ("Oh, set the brightness to 5.", 5), ("set brightness 5000000", 5_000_000), ("Set brightness to -3.", -3),
  ])
  func toolsGetNumbersInBothForms(text: String, number: Double) throws {
    let tools = try JSONValue(
      parsing:
        #"[{"type":"function","name":"setBrightness","parameters":{"properties":{"level":{"type":"number"}},"required":["level"]}}]"#
        .utf8)
    let call = try #require(ToolChoice.call(for: text, among: tools, id: "call_1"))
    #expect(try JSONValue(parsing: call.arguments.utf8)["level"]?.numberValue == number)
  }

  @Test(arguments: [
    ("what is the weather in new york", "New York"), ("What's the weather in New York?", "New York"),
    ("What's the weather in São Paulo?", "Sao Paulo"),
  ])
  func toolsGetPlacesInBothForms(text: String, place: String) throws {
    let tools = try JSONValue(
      parsing:
        #"[{"type":"function","name":"get_weather","parameters":{"properties":{"city":{"type":"string"}},"required":["city"]}}]"#
        .utf8)
    let call = try #require(ToolChoice.call(for: text, among: tools, id: "call_1"))
    #expect(try JSONValue(parsing: call.arguments.utf8)["city"] == .string(place))
  }
}
