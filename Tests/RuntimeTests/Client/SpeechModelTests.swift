import Audio
import Engines
import Speech
import Testing
import Threads
import Timeline
import WebSockets

@testable import Runtime

/// A session whose microphone is measured by a speech model.
@Suite struct SpeechModelTests {
  private final class ConstantModel: SpeechModel {
    func probability(of block: ArraySlice<Int16>) -> Float? { 0.125 }
  }

  /// A session with nobody to talk to, and what it has told.
  private func run(
    _ loader: SpeechModelLoader?, until condition: ([Entry.Event]) -> Bool
  ) async throws -> [Entry.Event] {
    let told = Locked<[Entry.Event]>([])
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:1/voice"))
    (options.input, options.output, options.speechModel) = (.silence, .null, loader)
    options.session.reconnectAttempts = 0
    let session = SessionLoop(
      options, clock: TimelineClock(),
      readers: [
        { entry in
          told.withLock { $0.append(entry.event) }
          return true
        }
      ], finished: {})
    defer { session.stop() }
    #expect(await eventually { condition(told.withLock { $0 }) })
    return told.withLock { $0 }
  }

  private static func frames(_ events: [Entry.Event]) -> [MicFrame] {
    events.compactMap { if case .micFrame(let frame) = $0 { frame } else { nil } }
  }

  @Test func framesCarryWhatTheModelSays() async throws {
    let loader = SpeechModelLoader { () throws(EngineFault) in { ConstantModel() } }
    let events = try await run(loader) { Self.frames($0).contains { $0.vadProbability != nil } }
    let measured = try #require(Self.frames(events).last { $0.vadProbability != nil })
    #expect(measured.measure == .probability(SpeechProbability(value: 0.125, threshold: 0.5)))
  }

  @Test func withoutAModelTheLevelDecides() async throws {
    let events = try await run(nil) { Self.frames($0).count >= 3 }
    #expect(Self.frames(events).allSatisfy { $0.vadProbability == nil })
  }

  @Test func aModelThatCannotBeHadIsToldWithItsRemedy() async throws {
    let loader = SpeechModelLoader { () throws(EngineFault) in
      throw EngineFault(reason: "the file is damaged", remedy: "sidetone engines install")
    }
    let events = try await run(loader) {
      $0.contains { if case .notice(let n) = $0 { n.id == .engineMissing } else { false } }
    }
    let notice = events.compactMap { if case .notice(let n) = $0, n.id == .engineMissing { n } else { nil } }.first
    #expect(notice?.text.contains("the file is damaged") == true)
    #expect(notice?.remedy == "sidetone engines install")
    #expect(Self.frames(events).allSatisfy { $0.vadProbability == nil })
  }

  /// A process that ends while a library is being opened may crash.
  @Test func aSessionThatEndsWaitsForTheLoading() throws {
    let (isLoading, mayGoOn, hasLoaded) = (Waker(), Waker(), Locked<Bool>(false))
    let loader = SpeechModelLoader { () throws(EngineFault) in
      isLoading.wake()
      mayGoOn.wait(timeout: nil)
      hasLoaded.withLock { $0 = true }
      return { ConstantModel() }
    }
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:1/voice"))
    (options.input, options.output, options.speechModel) = (.silence, .null, loader)
    let session = SessionLoop(options, clock: TimelineClock(), readers: [], finished: {})
    isLoading.wait(timeout: nil)
    let stopping = NamedThread("stopping") { session.stop() }
    mayGoOn.wake()
    stopping.join()
    #expect(hasLoaded.withLock { $0 })
  }
}
