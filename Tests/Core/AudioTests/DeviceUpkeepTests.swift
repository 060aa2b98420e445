import Audio
import TestKit
import Testing
import Timeline

@Suite struct DeviceUpkeepTests {
  private typealias Order = DeviceUpkeep.Order
  private let busy = DeviceTrouble(text: "in use", remedy: "close it")
  private let gone = DeviceTrouble(text: "has vanished", remedy: "plug it in")
  private let still = DeviceTrouble(text: "stands still", remedy: "resume it")
  private let unpaced = DeviceTrouble(text: "keeps no time", remedy: "take another", isWorthRetrying: false)

  /// `#expect` takes no mutating call.
  private final class Keeper {
    private var upkeep: DeviceUpkeep
    init(_ role: DeviceChange.Role) { upkeep = DeviceUpkeep(role: role, at: .zero) }
    var deadline: Timestamp? { upkeep.deadline }
    func handle(_ event: DeviceUpkeep.Event, at now: Timestamp) -> [Order] { upkeep.handle(event, at: now) }
  }

  private func ms(_ value: Double) -> Timestamp { Timestamp(milliseconds: value) }

  /// One that is open and moves, at 0.
  private func running() -> Keeper {
    let upkeep = Keeper(.speaker)
    #expect(upkeep.deadline == .zero)
    #expect(upkeep.handle(.looked(.init()), at: .zero) == [.open(afresh: false)])
    #expect(upkeep.handle(.opened(summary: "16000 Hz", standing: still), at: .zero) == [.tell(.open, text: "16000 Hz")])
    #expect(upkeep.handle(.looked(.init(isMoving: true)), at: .zero) == [])
    #expect(upkeep.deadline == nil)
    return upkeep
  }

  @Test func whatCannotBeOpenedIsTriedEachSecondAndToldOnce() {
    let upkeep = Keeper(.mic)
    #expect(upkeep.handle(.looked(.init()), at: .zero) == [.open(afresh: false)])
    #expect(upkeep.handle(.refused(busy), at: ms(5)) == [.tell(.failed, text: "in use", remedy: "close it")])
    #expect(upkeep.deadline == ms(1_005))
    #expect(upkeep.handle(.looked(.init()), at: ms(1_004)) == [])
    #expect(upkeep.handle(.looked(.init()), at: ms(1_005)) == [.open(afresh: true)], "cards may have come and gone")
    #expect(upkeep.handle(.refused(busy), at: ms(1_006)) == [])
    #expect(upkeep.handle(.looked(.init()), at: ms(2_006)) == [.open(afresh: true)])
    let other = upkeep.handle(.refused(gone), at: ms(2_006))
    #expect(other == [.tell(.failed, text: "has vanished", remedy: "plug it in")])
    #expect(upkeep.handle(.looked(.init()), at: ms(3_006)) == [.open(afresh: true)])
    #expect(upkeep.handle(.opened(summary: "16000 Hz", standing: still), at: ms(3_007)) == [], "it does not move yet")
    #expect(upkeep.deadline == nil)
    let moved = upkeep.handle(.looked(.init(isMoving: true)), at: ms(3_020))
    #expect(moved == [.tell(.recovered, text: "16000 Hz")])
  }

  @Test func whatIsLostIsLookedForAndWhatCannotHelpIsNotTried() {
    let upkeep = running()
    let lost = upkeep.handle(.returned(.failed(gone)), at: ms(100))
    #expect(lost == [.tell(.lost, text: "has vanished", remedy: "plug it in")])
    #expect(upkeep.deadline == ms(1_100))
    // What the thread of a closed device says is nobody's.
    #expect(upkeep.handle(.looked(.init(driftPPM: 7, isMoving: true)), at: ms(200)) == [])
    #expect(upkeep.handle(.looked(.init()), at: ms(1_100)) == [.open(afresh: true)])
    let final = upkeep.handle(.refused(unpaced), at: ms(1_100))
    #expect(final == [.tell(.failed, text: "keeps no time", remedy: "take another")])
    #expect(upkeep.deadline == nil)
    #expect(upkeep.handle(.looked(.init()), at: ms(99_000)) == [])
  }

  @Test func aDeviceThatHoldsTooLittleIsOpenedLongerAtOnce() {
    let upkeep = running()
    #expect(upkeep.handle(.returned(.holdsTooLittle), at: ms(100)) == [.lengthen])
    #expect(upkeep.deadline == ms(100))
    #expect(upkeep.handle(.looked(.init()), at: ms(100)) == [.open(afresh: false)])
    #expect(upkeep.handle(.opened(summary: "longer", standing: still), at: ms(101)) == [], "it is no news")
  }

  @Test func whatEndsAtItsOwnWishIsLeftAlone() {
    let upkeep = running()
    #expect(upkeep.handle(.returned(.wanted), at: ms(100)) == [])
    #expect(upkeep.deadline == nil)
  }

  @Test func aStreamThatStandsStillIsLostAndRecoveredOnce() {
    let upkeep = running()
    let standing = DeviceUpkeep.Counts(isStanding: true, isMoving: true)
    #expect(upkeep.handle(.looked(standing), at: ms(100)) == [.tell(.lost, text: "stands still", remedy: "resume it")])
    #expect(upkeep.handle(.looked(standing), at: ms(200)) == [])
    #expect(upkeep.deadline == nil, "it is kept: nothing is to be opened")
    #expect(upkeep.handle(.looked(.init(isMoving: true)), at: ms(300)) == [.tell(.recovered, text: "16000 Hz")])
  }

  @Test func manyXrunsAreToldFourTimesASecond() {
    let upkeep = running()
    #expect(upkeep.handle(.looked(.init(xruns: 1)), at: ms(10)) == [.tell(.xrun, text: "underrun, recovered")])
    #expect(upkeep.deadline == nil)
    #expect(upkeep.handle(.looked(.init(xruns: 4)), at: ms(20)) == [])
    #expect(upkeep.deadline == ms(260))
    #expect(upkeep.handle(.looked(.init(xruns: 9)), at: ms(260)) == [.tell(.xrun, text: "8 underruns, recovered")])
    let microphone = Keeper(.mic)
    _ = microphone.handle(.looked(.init()), at: .zero)
    #expect(microphone.handle(.looked(.init(xruns: 1)), at: .zero) == [.tell(.xrun, text: "overrun, recovered")])
  }

  @Test func driftIsToldOnceAndWhateverItIs() {
    let upkeep = running()
    let slow = upkeep.handle(.looked(.init(driftPPM: -35.4)), at: ms(1))
    #expect(slow == [.tell(.open, text: "its clock is 35 ppm slower than ours")])
    #expect(upkeep.handle(.looked(.init(driftPPM: 200)), at: ms(2)) == [])
    let wild = running()
    #expect(wild.handle(.looked(.init(driftPPM: .infinity)), at: ms(1)).count == 1)
  }

  /// Whatever happens in whatever order: a device that is open is not opened again, one that may come back is looked for
  /// within a second, and no trouble or recovery is told twice in a row.
  @Test(arguments: UInt64(1)...40) func anyOrderOfEventsKeepsTheRules(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let upkeep = Keeper(.speaker)
    var now = Timestamp.zero
    var (isOpen, isWanted, asks) = (false, true, false)
    var told: [DeviceChange.State] = []
    for step in 0..<400 {
      now += .milliseconds(random.below(400))
      var event = DeviceUpkeep.Event.looked(
        .init(xruns: step / 7, isStanding: random.below(4) == 0, isMoving: random.below(2) == 0))
      if asks {
        let isHere = random.below(2) == 0
        event =
          isHere
          ? .opened(summary: "16000 Hz", standing: still) : .refused(random.one(of: [busy, gone, gone, unpaced]))
        if case .refused(let trouble) = event { isWanted = trouble.isWorthRetrying }
        (isOpen, asks) = (isHere, false)
      } else if isOpen, random.below(5) == 0 {
        event = .returned(random.below(3) == 0 ? .holdsTooLittle : .failed(gone))
        (isOpen, isWanted) = (false, true)
      }
      for order in upkeep.handle(event, at: now) {
        switch order {
        case .open:
          #expect(!isOpen && !asks && isWanted, "seed \(seed), step \(step)")
          asks = true
        case .lengthen: #expect(event == .returned(.holdsTooLittle))
        case .tell(.xrun, _, _): break
        case .tell(let state, _, _):
          #expect(state == .failed || told.last != state, "seed \(seed), step \(step): \(state) twice")
          told.append(state)
        }
      }
      if !isOpen, !asks, isWanted {
        #expect(upkeep.deadline.map { $0 <= now + .seconds(1) } == true, "seed \(seed), step \(step)")
      }
    }
    #expect(told.contains(.recovered) || told.contains(.failed))
  }
}
