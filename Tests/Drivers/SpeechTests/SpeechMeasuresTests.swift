import Audio
import Foundation
import Testing

@testable import TestKit

/// What recognition and detection are measured with: errors counted right, sounds the same each time.
@Suite struct SpeechMeasuresTests {
  @Test(arguments: [
    ("", "", 0), ("one two three", "one two three", 0), ("one two three", "one three", 1),
    ("one two three", "one two and three", 1), ("one two three", "one too three", 1), ("one two", "", 2),
    ("", "one two", 2), ("a b c d", "b c d e", 2), ("a b", "b a", 2),
    // However it is written.
    ("press one to accept", "Press 1, to accept!", 0), ("I'm sorry", "i am sorry", 0),
    ("mister smith's voicemail", "Mr. Smiths voice mail", 0), ("re-record it", "rerecord it", 0),
    ("twenty-one in the mail box", "21 in the mailbox", 0),
  ])
  func wordErrorsAreTheFewestChanges(said: String, heard: String, errors: Int) {
    #expect(WordErrors.count(said: said, heard: heard) == errors)
  }

  @Test func theErrorRateIsOfTheWordsThatWereSaid() {
    var errors = WordErrors()
    #expect(errors.percent.isNaN)
    errors.add(said: "go forward ten meters", heard: "go forward 10 metres")
    errors.add(said: "five", heard: "five five")
    #expect(errors.errors == 1 && errors.words == 5 && errors.percent == 20)
  }

  @Test func onlySentencesAreTakenOfTheListOfPrompts() {
    let list = [
      "; a comment: not one of them", "", "at-tone: At the tone, please say your name.", "beep: [this is a beep]",
      "number: Number.", "conf-dec-in: To decrease the audio volume from others...",
      "again: At the tone please say your name", "visit: Please visit www asterisk org now",
      "room: This is room 101 of four", "tt/weasels: Weasels have eaten our phone system",
    ]
    let clips = Recordings.prompts(inList: list)
    #expect(clips.map { URL(filePath: $0.name).lastPathComponent } == ["at-tone.wav", "weasels.wav"])
    #expect(clips.first?.words == "At the tone, please say your name.")
  }

  @Test func aChoiceIsTheSameEachTime() {
    let clips = Recordings.prompts
    let chosen = Recordings.choice(5, of: clips)
    #expect(chosen.count == 5 && Set(chosen.map(\.name)).count == 5)
    #expect(chosen == Recordings.choice(5, of: clips) && chosen != Recordings.choice(5, of: clips, seed: 8))
    #expect(Recordings.choice(99, of: clips) == clips)
  }

  @Test(arguments: Noise.allCases) func aNoiseIsTheSameEachTime(_ noise: Noise) {
    let samples = noise.samples(seconds: 5)
    #expect(samples.count == 80_000)
    #expect(samples == noise.samples(seconds: 5))
    guard noise != .silence else { return #expect(samples.allSatisfy { $0 == 0 }) }
    #expect(samples != noise.samples(seconds: 5, seed: 2))
    #expect((-50 ... -10).contains(Level(of: samples).rmsDB), "\(Level(of: samples).rmsDB)")
    #expect(Level(of: samples).clipped == 0)
  }

  @Test func pinkNoiseHasTheSameEnergyInEachOctave() {
    let noise = Signals.pink(count: 16_384, seed: 1)
    /// The energy of a line of its spectrum, by Goertzel's recurrence.
    func energy(_ line: Int) -> Double {
      let twice = 2 * cos(2 * Double.pi * Double(line) / 16_384)
      var (last, before) = (0.0, 0.0)
      for sample in noise { (last, before) = (sample + twice * last - before, last) }
      return last * last + before * before - twice * last * before
    }
    let octaves: [Double] = [500, 1_000, 2_000, 4_000].map { first in
      let energies = stride(from: first, to: 2 * first, by: 8).map(energy)
      return 10 * log10(energies.reduce(0, +))
    }
    #expect(octaves.max()! - octaves.min()! < 2.5, "\(octaves)")
  }

  @Test func noiseIsAsFarBelowTheSpeechAsAsked() {
    let speech = Signals.tone(440, rate: 16_000, count: 32_000, amplitude: 0.2)
    let samples = [Int16](repeating: 0, count: 16_000) + speech
    let noisy = Signals.withPinkNoise(samples, below: 10, ofSpeech: 16_000..<48_000, seed: 3)
    #expect(noisy == Signals.withPinkNoise(samples, below: 10, ofSpeech: 16_000..<48_000, seed: 3))
    let noise = zip(noisy, samples).map { Int16($0 - $1) }
    #expect(abs(Level(of: speech).rmsDB - Level(of: noise).rmsDB - 10) < 0.1)
    #expect(abs(Signals.signalToNoiseDB(Array(noisy[16_000...]), hertz: 440, rate: 16_000) - 10) < 0.3)
  }

  @Test func aTelephoneCarriesVoiceAndNothingAboveIt() {
    func levelOverTelephone(_ hertz: Double) -> Double {
      Level(of: Signals.overTelephone(Signals.tone(hertz, rate: 16_000, count: 16_000))).rmsDB
    }
    #expect(abs(levelOverTelephone(1_000) - levelOverTelephone(300)) < 1)
    #expect(levelOverTelephone(6_000) < levelOverTelephone(1_000) - 40)
    // The steps of µ-law are heard, some 35 dB below.
    let tone = Signals.overTelephone(Signals.tone(1_000, rate: 16_000, count: 16_000))
    #expect((30...42).contains(Signals.signalToNoiseDB(Array(tone[2_000..<14_000]), hertz: 1_000, rate: 16_000)))
    #expect(tone.count == 16_000)
  }

  @Test func theVoicedRangeIsWithinTheSilenceAroundIt() {
    let speech = Signals.tone(440, rate: 16_000, count: 16_000)
    let silence = Signals.noise(count: 8_000, levelDB: -76)
    #expect(Signals.voicedRange(silence + speech + silence) == 8_000..<24_000)
    #expect(Signals.voicedRange([Int16](repeating: 0, count: 3_200)).isEmpty && Signals.voicedRange([]).isEmpty)
  }
}
