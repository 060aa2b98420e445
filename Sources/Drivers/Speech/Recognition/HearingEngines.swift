import Agent
import Engines
import Threads

/// A recognizer that there is: what it needs, and how it is made.
public struct RecognizerCard: Sendable {
  public var kind: RecognizerKind
  /// For people, as in "Moonshine tiny-en".
  public var name: String
  /// What of the engines' folder it needs.
  public var needs: [EngineFolder.Item]
  let makeSource: @Sendable (_ detector: @escaping HearingChoice.DetectorMaker) -> any RecognitionSource

  /// Best first.
  public static let all = [
    RecognizerCard(
      kind: .moonshine, name: "Moonshine tiny-en", needs: [.moonshineLibrary, .moonshineModel],
      makeSource: { MoonshineSource(decoder: HearingEngines.shared.moonshine, detector: $0) }),
    RecognizerCard(
      kind: .pocketsphinx, name: "PocketSphinx", needs: [],
      makeSource: { PocketSphinxSource(detector: $0) }),
  ]
}

/// A voice detector that there is: what it needs, and how it is made.
public struct DetectorCard: Sendable {
  public var kind: DetectorKind
  /// For people, as in "Silero v6".
  public var name: String
  /// What of the engines' folder it needs.
  public var needs: [EngineFolder.Item]
  let make: HearingChoice.DetectorMaker

  /// A detector that has heard nothing. Its model is loaded the first time.
  /// - Throws: `EngineFault` when its engine is missing or damaged.
  public func makeDetector() throws(EngineFault) -> any VoiceDetector { try make() }

  /// Best first.
  public static let all = [
    DetectorCard(
      kind: .silero, name: "Silero v6", needs: [.onnxRuntime, .sileroModel],
      make: { () throws(EngineFault) in try SileroDetector(try HearingEngines.shared.silero()) }),
    DetectorCard(
      kind: .sphinx, name: "sphinxbase's front end", needs: [],
      make: { () throws(EngineFault) in VoiceEdgeDetector() }),
    DetectorCard(
      kind: .energy, name: "energy over noise", needs: [], make: { () throws(EngineFault) in EnergyDetector() }),
  ]
}

/// Which recognizer and which voice detector a server uses; nil: the best that there is.
public struct HearingChoice: Sendable, Equatable {
  package typealias DetectorMaker = @Sendable () throws(EngineFault) -> any VoiceDetector

  public var recognizer: RecognizerKind?
  public var detector: DetectorKind?

  public init(recognizer: RecognizerKind? = nil, detector: DetectorKind? = nil) {
    self.recognizer = recognizer
    self.detector = detector
  }

  /// What will serve: what was chosen, or else the best whose files are there.
  public var served: (recognizer: RecognizerCard, detector: DetectorCard) {
    func isThere(_ needs: [EngineFolder.Item]) -> Bool { HearingEngines.shared.fault(among: needs) == nil }
    return (
      RecognizerCard.all.first { card in recognizer.map { $0 == card.kind } ?? isThere(card.needs) }!,
      DetectorCard.all.first { card in detector.map { $0 == card.kind } ?? isThere(card.needs) }!
    )
  }

  /// Why the best recognizer or detector does not serve where nothing was chosen, or why what was chosen cannot; nil where
  /// all is well.
  public var fault: EngineFault? {
    let recognizer = self.recognizer ?? RecognizerCard.all[0].kind
    let detector = self.detector ?? DetectorCard.all[0].kind
    let needs =
      RecognizerCard.all.first { $0.kind == recognizer }!.needs + DetectorCard.all.first { $0.kind == detector }!.needs
    return HearingEngines.shared.fault(among: needs)
  }

  /// Looks for what there is. Reads files, so not for a thread that must not wait.
  public func resolved() -> Hearing {
    let (recognizer, detector) = served
    let fallback = DetectorCard.all.first { $0.kind == .sphinx }!
    let makeDetector: DetectorMaker = { () throws(EngineFault) in
      // A detector whose model is damaged must not leave the server deaf.
      do { return try detector.make() } catch { return try fallback.make() }
    }
    let rows = [recognizer] + RecognizerCard.all.filter { $0.needs.isEmpty && $0.kind != recognizer.kind }
    return Hearing(
      name: recognizer.name, sources: rows.map { $0.makeSource(makeDetector) }, makeDetector: makeDetector)
  }
}

/// The engines that recognizers are made from.
public struct Hearing: Sendable {
  /// What serves, for people.
  package let name: String
  /// What serves, and what serves in its place when it fails to load. Not empty.
  package let sources: [any RecognitionSource]
  package let makeDetector: HearingChoice.DetectorMaker

  package init(name: String, sources: [any RecognitionSource], makeDetector: @escaping HearingChoice.DetectorMaker) {
    self.name = name
    self.sources = sources
    self.makeDetector = makeDetector
  }

  /// Loads what will serve, in the background.
  public func prepare() { sources[0].prepare {} }
}

/// What is loaded once for the process and shared by its clients. Any thread.
public final class HearingEngines: Sendable {
  public static let shared = HearingEngines(EngineFolder.standard)

  /// Silero's model, once it was loaded. Its lock is held while that goes on: who wants the model meanwhile waits.
  private let madeSilero = Locked<OnnxModel?>(nil)
  private let folder: EngineFolder?
  let moonshine: MoonshineDecoder

  init(_ folder: EngineFolder?) {
    self.folder = folder
    moonshine = MoonshineDecoder(folder ?? EngineFolder("/nonexistent"))
  }

  /// The first of these that is missing or damaged.
  public func fault(among items: [EngineFolder.Item]) -> EngineFault? {
    guard !items.isEmpty else { return nil }
    guard let folder else { return .noHome }
    for item in items {
      do throws(EngineFault) { _ = try folder.path(of: item) } catch { return error }
    }
    return nil
  }

  /// Waits until what is being loaded is: a process that ends while it opens a library may crash.
  public func finishLoading() { moonshine.finishLoading() }

  /// Silero's model: 90 ms the first time.
  func silero() throws(EngineFault) -> OnnxModel {
    try madeSilero.withLock { made throws(EngineFault) in
      if let made { return made }
      guard let folder else { throw EngineFault.noHome }
      let runtime = try OnnxRuntime(library: try folder.path(of: .onnxRuntime))
      let model = try OnnxModel(try folder.path(of: .sileroModel), in: runtime)
      made = model
      return model
    }
  }
}
