import Foundation
import Testing
@testable import Speech
@Suite struct Dump {
  @Test func dump() throws {
    for s in ["what day is it today", "my name is anna", "what time is it in berlin", "my name is anna and"] {
      var pieces: [Int] = []
      var peak: Int16 = 0
      _ = Flite.speak(s, voice: "rms") { pieces.append($0.count); peak = max(peak, $0.max() ?? 0); return true }
      print(s, SpeakableText.ascii(s), SpeakableText.pieces(s), pieces.count, pieces.suffix(3), peak)
    }
  }
}
