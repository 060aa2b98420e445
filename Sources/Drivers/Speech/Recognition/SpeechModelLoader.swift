import Audio
import Engines
import Threads

/// Loads the speech model that tells when somebody speaks into the microphone. Any thread.
public struct SpeechModelLoader: Sendable {
  /// Makes a model for one stream of audio, which belongs to the thread that calls it; nil when the engine refuses.
  public typealias Maker = @Sendable () -> (any SpeechModel)?
  public typealias Loaded = @Sendable (Result<Maker, EngineFault>) -> Void

  /// Starts a thread that loads, calls back once and ends. Whoever ends the process joins it first: a process that ends
  /// while a library is being opened may crash.
  public let load: @Sendable (_ loaded: @escaping Loaded) -> NamedThread

  /// - Parameter maker: loads what the models share. Called on a thread of its own.
  public init(_ maker: @escaping @Sendable () throws(EngineFault) -> Maker) {
    load = { loaded in
      NamedThread("speech model") {
        do throws(EngineFault) { loaded(.success(try maker())) } catch { loaded(.failure(error)) }
      }
    }
  }

  /// Silero's, shared with a server in the same process.
  public static let silero = SpeechModelLoader { () throws(EngineFault) in
    let model = try HearingEngines.shared.silero()
    // It is tried here, where nobody waits for it.
    _ = try SileroModel(model)
    return { try? SileroModel(model) }
  }

  /// Why Silero's cannot be loaded, as far as its files tell; nil where they are there and whole.
  public static var sileroFault: EngineFault? {
    HearingEngines.shared.fault(among: DetectorCard.all.first { $0.kind == .silero }!.needs)
  }
}
