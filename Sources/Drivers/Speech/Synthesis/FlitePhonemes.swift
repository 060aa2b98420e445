import CFlite

extension Flite {
  /// Makes words and sounds of text, with flite's rules for numbers, dates, money and abbreviations and its dictionary:
  /// a voice that stops before it makes audio. Belongs to the engine's lock.
  struct FrontEnd {
    private let voice: UnsafeMutablePointer<cst_voice>

    /// - Parameter voice: a voice of flite with the rules for the text; it is not changed.
    init?(from model: UnsafeMutablePointer<cst_voice>) {
      guard let voice = new_voice() else { return nil }
      self.voice = voice
      voice.pointee.name = model.pointee.name
      voice.pointee.utt_init = model.pointee.utt_init
      feat_copy_into(model.pointee.features, voice.pointee.features)
      feat_copy_into(model.pointee.ffunctions, voice.pointee.ffunctions)
      flite_feat_set(voice.pointee.features, Flite.constant("wave_synth_func"), uttfunc_val { $0 })
    }

    /// The words of a text of at most a few hundred characters of ASCII.
    func words(of text: String) -> [SpokenWord] {
      guard let utterance = flite_synth_text(text, voice) else { return [] }
      defer { delete_utterance(utterance) }
      var words: [SpokenWord] = []
      var token = Flite.first("Token", of: utterance)
      while let current = token {
        let countBefore = words.count
        var word = item_daughter(current)
        while let part = word {
          let phones = Flite.phones(of: part)
          if !phones.isEmpty { words.append(SpokenWord(text: Flite.text("name", of: part) ?? "", phones: phones)) }
          word = item_next(part)
        }
        if let last = words.indices.last {
          // A token without a sound is a mark or a dash alone: it belongs to the word before it.
          let isMark = words.count == countBefore && words[last].mark == nil
          let alone = isMark ? Flite.mark(in: Flite.text("name", of: current)) ?? "," : nil
          words[last].mark = Flite.mark(in: Flite.text("punc", of: current)) ?? alone ?? words[last].mark
        }
        token = item_next(current)
      }
      return words
    }
  }

  private typealias Item = UnsafeMutablePointer<cst_item>

  private static func first(_ relation: String, of utterance: UnsafeMutablePointer<cst_utterance>) -> Item? {
    utt_relation_present(utterance, relation) == 0 ? nil : relation_head(utt_relation(utterance, relation))
  }

  private static func phones(of word: Item) -> [SpokenWord.Phone] {
    var phones: [SpokenWord.Phone] = []
    var syllable = item_as(word, "SylStructure").flatMap { item_daughter($0) }
    while let current = syllable {
      let isStressed = text("stress", of: current) == "1"
      var segment = item_daughter(current)
      while let sound = segment {
        phones.append(SpokenWord.Phone(name: text("name", of: sound) ?? "", isStressed: isStressed))
        segment = item_next(sound)
      }
      syllable = item_next(current)
    }
    return phones
  }

  private static func text(_ feature: String, of item: Item) -> String? {
    guard item_feat_present(item, feature) != 0, let text = item_feat_string(item, feature) else { return nil }
    return String(cString: text)
  }

  private static func mark(in text: String?) -> Character? { text?.first { ",.;:?!".contains($0) } }
}
