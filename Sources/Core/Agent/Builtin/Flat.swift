/// A pretend flat: lights, music, heating. Nothing outside this value is switched.
struct Flat: Sendable {
  enum Light: Sendable { case off, dimmed, on }

  /// As they are said.
  static let rooms = ["kitchen", "bedroom", "living room", "bathroom", "hall"]
  static let genres = ["jazz", "rock", "pop", "classical", "country", "dance", "blues"]

  private var light: [String: Light] = [:]
  private var genre: String?
  private var isPaused = false
  private var track = 1
  /// 0…10.
  private var volume = 5
  /// Degrees Celsius.
  private var temperature = 21

  // MARK: Lights

  mutating func lights(_ phrase: Phrase) -> String? {
    guard phrase.has("light", "lights", "lamp", "lamps") else { return nil }
    let named = Self.rooms.filter { phrase.has($0) }
    if phrase.has("which", "what", "are", "is") { return lightsState(named) }
    let wanted: (Light, String)? =
      if phrase.has("dim", "dimmed", "down") {
        (.dimmed, "dimmed")
      } else if phrase.has("off", "out", "turn of", "switch of") {
        (.off, "off")
      } else if phrase.has("on", "up", "brighter") { (.on, "on") } else { nil }
    guard let (state, name) = wanted else { return "Shall I turn the lights on, off, or dim them?" }
    for room in named.isEmpty ? Self.rooms : named { light[room] = state }
    guard !named.isEmpty else { return "All the lights are \(name)." }
    return "The lights in the \(Self.list(named)) are \(name)."
  }

  private func lightsState(_ named: [String]) -> String {
    if named.count == 1 {
      let name = [Light.off: "off", .dimmed: "dimmed", .on: "on"][light[named[0]] ?? .off]!
      return "The lights in the \(named[0]) are \(name)."
    }
    let on = Self.rooms.filter { light[$0] == .on }
    let dimmed = Self.rooms.filter { light[$0] == .dimmed }
    let parts =
      (on.isEmpty ? [] : ["on in the \(Self.list(on))"])
      + (dimmed.isEmpty ? [] : ["dimmed in the \(Self.list(dimmed))"])
    return parts.isEmpty ? "All the lights are off." : "The lights are \(parts.joined(separator: ", and "))."
  }

  // MARK: Music

  mutating func music(_ phrase: Phrase) -> String? {
    let isAboutMusic = phrase.has("music", "song", "songs", "track", "playing")
    if phrase.has("volume", "louder", "quieter", "softer") || phrase.isJust("turn it up", "turn it down") {
      return setVolume(phrase)
    }
    if phrase.has("what is playing", "what are you playing", "what song") { return playing }
    if phrase.begins("stop", "turn off") && isAboutMusic {
      guard genre != nil else { return "No music is playing." }
      genre = nil
      return "The music has stopped."
    }
    if phrase.begins("pause") {
      guard genre != nil else { return "No music is playing." }
      isPaused = true
      return "The music is paused."
    }
    if phrase.begins("resume") || phrase.has("continue the music") {
      guard genre != nil else { return "No music is playing." }
      isPaused = false
      return playing
    }
    if phrase.begins("next", "skip") || phrase.has("next song", "next track") {
      guard genre != nil else { return "No music is playing." }
      (track, isPaused) = (track + 1, false)
      return playing
    }
    guard phrase.has("play", "put on") || (isAboutMusic && phrase.has("start")) else { return nil }
    let named = Self.genres.first { phrase.has($0) }
    guard let chosen = named ?? (isAboutMusic || phrase.has("something", "anything") ? genre ?? "jazz" : nil) else {
      return "I can play \(Self.list(Self.genres, joinedBy: "or"))."
    }
    (genre, track, isPaused) = (chosen, 1, false)
    return playing
  }

  private var playing: String {
    guard let genre else { return "No music is playing." }
    return (isPaused ? "Paused: " : "Playing ") + "\(genre) music, song \(NumberWords.say(track))."
  }

  private mutating func setVolume(_ phrase: Phrase) -> String {
    if let after = phrase.words(after: "to"), let (value, _) = NumberWords.read(after),
      let wanted = value.rounded(to: 1)
    {
      volume = min(max(wanted, 0), 10)
    } else if phrase.has("up", "louder") {
      volume = min(volume + 1, 10)
    } else if phrase.has("down", "quieter", "softer") {
      volume = max(volume - 1, 0)
    }
    return "The volume is \(NumberWords.say(volume)) of ten."
  }

  // MARK: Heating

  mutating func heating(_ phrase: Phrase) -> String? {
    guard phrase.has("temperature", "heating", "degrees", "warmer", "colder", "cooler", "how warm", "how cold") else {
      return nil
    }
    if let after = phrase.words(after: "to"), let (value, _) = NumberWords.read(after),
      let wanted = value.rounded(to: 1)
    {
      guard (5...30).contains(wanted) else { return "I can set the temperature from five to thirty degrees." }
      temperature = wanted
      return "The temperature is set to \(NumberWords.say(temperature)) degrees."
    }
    if phrase.has("warmer", "up") { return changeTemperature(by: 1) }
    if phrase.has("colder", "cooler", "down") { return changeTemperature(by: -1) }
    return "The temperature in the flat is \(NumberWords.say(temperature)) degrees."
  }

  private mutating func changeTemperature(by degrees: Int) -> String {
    temperature = min(max(temperature + degrees, 5), 30)
    return "The temperature is set to \(NumberWords.say(temperature)) degrees."
  }

  /// "a, b and c"
  static func list(_ items: [String], joinedBy word: String = "and") -> String {
    guard items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(word) " + items.last!
  }
}
