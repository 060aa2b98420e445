import Testing
import Timeline

@testable import Agent

@Suite struct HearingRelayTests {
  private let first = TurnID(rawValue: 1)
  private let second = TurnID(rawValue: 2)
  private let third = TurnID(rawValue: 3)

  private func block(_ value: Int16) -> ArraySlice<Int16> { [Int16](repeating: value, count: 320)[...] }

  /// Speaks for blocks of 20 ms.
  private func speak(_ relay: inout HearingRelay, _ turn: TurnID, _ value: Int16, blocks: Int = 1) -> [HearingRelay
    .Order]
  {
    (0..<blocks).flatMap { relay.heard(block(value), of: turn, speechBegins: $0 == 0, isSpeech: true) }
  }

  @Test func theTurnsThatAFailureMeetsAreHeardByTheSubstitute() {
    var relay = HearingRelay()
    var early = speak(&relay, first, 1) + relay.ended(first)
    relay.told(first)
    early += speak(&relay, second, 2, blocks: 2) + relay.ended(second) + speak(&relay, third, 3)
    #expect(early.isEmpty)
    let orders = relay.failed(.init("broken"), at: .zero)
    #expect(
      orders == [
        .hear([Int16](repeating: 2, count: 640), second), .end(second), .hear([Int16](repeating: 3, count: 320), third),
      ])
    #expect(relay.ear == .substitute)
    let later = speak(&relay, third, 4) + relay.ended(third)
    #expect(later == [.hear([Int16](repeating: 4, count: 320), third), .end(third)])
  }

  @Test func theServiceHearsAgainFromTheNextSpeechOn() {
    var relay = HearingRelay()
    _ = speak(&relay, first, 1)
    _ = relay.failed(.init("broken"), at: .zero)
    #expect(relay.deadline == Timestamp.zero + .seconds(5))
    let tries = [relay.tries(at: .zero + .seconds(1)), relay.tries(at: .zero + .seconds(5))]
    #expect(tries == [false, true] && relay.deadline == nil)
    relay.reached()
    // In mid-speech nothing changes, nor before the substitute has told all that it owes.
    let goingOn = relay.heard(block(1), of: first, speechBegins: false, isSpeech: true) + relay.ended(first)
    #expect(goingOn == [.hear(Array(block(1)), first), .end(first)])
    let owing = speak(&relay, second, 2)
    #expect(owing == [.hear(Array(block(2)), second)])
    relay.told(first)
    let free = speak(&relay, second, 2)
    #expect(free == [.discard(second)] && relay.ear == .service)
  }

  @Test func aServiceThatFailsAgainIsLeftAloneForLonger() throws {
    var relay = HearingRelay()
    var waits: [Duration] = []
    for _ in 0..<8 {
      _ = relay.failed(.init("broken"), at: .zero)
      waits.append(try #require(relay.deadline) - .zero)
    }
    #expect(waits == [5, 10, 20, 40, 80, 160, 300, 300].map { .seconds($0) })
    _ = relay.failed(.init("busy", retryAfter: .seconds(400)), at: .zero)
    #expect(relay.deadline == Timestamp.zero + .seconds(400))
    _ = relay.failed(.init("busy", retryAfter: .seconds(1 << 40)), at: .zero)
    #expect(relay.deadline == Timestamp.zero + .seconds(3600))
  }

  @Test func aWrongKeyIsNotTriedAgainSoon() {
    var relay = HearingRelay()
    _ = relay.failed(.init("not authorized", isPermanent: true), at: .zero)
    #expect(relay.deadline == Timestamp.zero + HearingRelay.longestWait)
  }

  /// How much would be heard again if the service failed now.
  private func kept(by relay: HearingRelay) -> Int {
    var copy = relay
    guard case .hear(let samples, _)? = copy.failed(.init(""), at: .zero).first else { return 0 }
    return samples.count
  }

  @Test func whatIsKeptIsBounded() {
    var relay = HearingRelay()
    for _ in 0..<500 { _ = relay.heard(block(0), of: first, speechBegins: false, isSpeech: false) }
    let silence = kept(by: relay)
    #expect((HearingRelay.longestSilence...HearingRelay.longestSilence * 5 / 4).contains(silence))
    _ = speak(&relay, first, 1, blocks: 2500)
    let speech = kept(by: relay)
    #expect((HearingRelay.longestTurn...HearingRelay.longestTurn * 5 / 4).contains(speech))
  }

  @Test func aDiscardedTurnIsForgotten() {
    var relay = HearingRelay()
    let orders = speak(&relay, first, 1) + relay.discarded(first) + relay.failed(.init(""), at: .zero)
    #expect(orders.isEmpty)
    let later = relay.discarded(second)
    #expect(later == [.discard(second)])
  }
}
