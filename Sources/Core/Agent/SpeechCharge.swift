import Wire

/// What became of a sentence's characters at a service that is paid by the character.
public enum SpeechCharge: Sendable, Equatable {
  /// So many were sent to it.
  case sent(Int)
  /// It has refused them: nothing is paid.
  case refused
  /// They are paid for, and another voice says the sentence: nobody hears them.
  case replaced
}

/// Characters that were sent to services that speak.
public struct SpeechBill: Sendable, Equatable {
  public var sent = 0
  /// Those of them that nobody has heard: what was made ahead when the user interrupted, what broke off, and what another
  /// voice had to say.
  public var unheard = 0

  public init(sent: Int = 0, unheard: Int = 0) {
    self.sent = sent
    self.unheard = unheard
  }

  static func + (a: SpeechBill, b: SpeechBill) -> SpeechBill {
    SpeechBill(sent: a.sent + b.sent, unheard: a.unheard + b.unheard)
  }
}

extension Response.Sentence {
  mutating func take(_ charge: SpeechCharge) {
    switch charge {
    case .sent(let count): paidCount += max(0, count)
    case .refused: paidCount = 0
    case .replaced:
      unheardCount += paidCount
      paidCount = 0
    }
  }

  /// - Parameter share: of its sound, that was heard: 0…1.
  func bill(heard share: Double) -> SpeechBill {
    SpeechBill(
      sent: paidCount + unheardCount, unheard: unheardCount + paidCount - Int((Double(paidCount) * share).rounded()))
  }
}

extension Agent {
  mutating func sentenceCharged(_ turn: TurnID, _ sentence: Int, _ charge: SpeechCharge) {
    if turn == response?.turn {
      response?.take(charge, sentence: sentence)
    } else if case .sent(let count) = charge, count > 0 {
      // The response was cut while the sentence was on its way.
      account(for: SpeechBill(sent: count, unheard: count), of: turn, tellClient: true)
    }
  }

  /// Says what a response has cost, once it is over.
  mutating func account(for bill: SpeechBill, of turn: TurnID, tellClient: Bool) {
    guard bill.sent > 0 else { return }
    self.bill = self.bill + bill
    if tellClient {
      send(.metrics(ServerMetrics(turn: turn.rawValue, ttsCharacters: bill.sent, ttsUnheard: bill.unheard)))
    }
    log(
      "\(bill.unheard) of \(bill.sent) characters that were sent to the voice's service were not heard (turn "
        + "\(turn.rawValue)); \(self.bill.unheard) of \(self.bill.sent) so far")
  }
}
