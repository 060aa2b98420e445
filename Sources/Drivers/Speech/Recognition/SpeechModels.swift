import Agent
import Engines
import Threads

/// Loads decoders behind the screen, and keeps one that has served its client for the next.
///
/// A decoder takes 300 ms and 70 MB. `prepare` makes the first on a thread of its own, so that the first client need
/// not wait; a second client at the same time waits for a second decoder while its audio queues. Any thread.
public final class SpeechModels: Sendable {
  /// How far the loading is.
  public enum State: Sendable, Equatable {
    case idle
    case loading
    case ready
    /// What is wrong, and what the operator can do about it.
    case failed(reason: String, remedy: String)
  }

  /// The process's own, with Debian's models.
  public static let shared = SpeechModels(directory: standardDirectory)
  /// Where Debian's pocketsphinx-en-us puts them.
  static let standardDirectory = "/usr/share/pocketsphinx/model/en-us"

  /// Sendable: a decoder is in the pool or with one recognizer, never both, and the lock orders the two.
  private struct Spare: @unchecked Sendable {
    var decoder: PocketSphinxDecoder
  }
  private let spare = Locked<Spare?>(nil)
  private let loading = ModelLoading()
  private let directory: String
  private let domain: String

  /// - Parameter directory: with `en-us`, `cmudict-en-us.dict` and `en-us.lm.bin` in it.
  init(directory: String, domain: String = SpeechResources.domainModel) {
    self.directory = directory
    self.domain = domain
  }

  /// Starts loading, unless that was done before; after a failure it tries again. Returns at once.
  public func prepare() { prepare(then: {}) }

  public var state: State { loading.state }

  /// Starts loading if need be, and calls back, on any thread, when it has ended one way or the other.
  func prepare(then callback: @escaping @Sendable () -> Void) {
    loading.begin({ _ = NamedThread("speech-models") { self.load() } }, then: callback)
  }

  private func load() {
    do {
      let made = Spare(decoder: try PocketSphinxDecoder(directory: directory, domain: domain))
      spare.withLock { $0 = made }
      loading.ended(.ready)
    } catch {
      loading.ended(.failed(reason: error.reason, remedy: error.remedy))
    }
  }

  /// A decoder that has heard nothing yet; makes one (200 ms) when none is spare.
  func takeDecoder() throws(PocketSphinxDecoder.LoadFailure) -> PocketSphinxDecoder {
    let taken = spare.withLock { spare in
      defer { spare = nil }
      return spare
    }
    if let taken { return taken.decoder }
    return try PocketSphinxDecoder(directory: directory, domain: domain)
  }

  /// Takes a decoder back. One is kept; more are freed, for the memory.
  func giveBack(_ decoder: PocketSphinxDecoder) {
    decoder.forgetChannel()
    let returned = Spare(decoder: decoder)
    spare.withLock { spare in
      if spare == nil { spare = returned }
    }
  }
}

/// Makes recognitions by PocketSphinx.
struct PocketSphinxSource: RecognitionSource {
  var models = SpeechModels.shared
  var detector: HearingChoice.DetectorMaker = { () throws(EngineFault) in VoiceEdgeDetector() }

  var state: SpeechModels.State { models.state }
  func prepare(then callback: @escaping @Sendable () -> Void) { models.prepare(then: callback) }
  func makeRecognition(
    emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
  ) throws(EngineFault) -> any Recognition {
    let detector = try detector()
    let models = models
    do throws(PocketSphinxDecoder.LoadFailure) {
      return UtteranceDecoding(decoder: try models.takeDecoder(), detector: detector, emit: emit) {
        models.giveBack($0)
      }
    } catch {
      throw EngineFault(reason: error.reason, remedy: error.remedy)
    }
  }
}
