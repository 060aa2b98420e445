import CPocketSphinx
import Glibc

/// One PocketSphinx decoder with its own models: about 70 MB.
///
/// Not shared, not even the language models: their tries keep a cache that reading changes. Belongs to one thread at a
/// time.
final class PocketSphinxDecoder {
  /// Why no decoder could be made: what is wrong and what to do.
  struct LoadFailure: Error, Equatable {
    var reason: String
    var remedy: String
  }

  /// What the libraries made, in the order in which it is freed.
  private struct Parts {
    var decoder: OpaquePointer
    /// What the language models add probabilities with. They point to it and do not retain it: it outlives them.
    var logMath: OpaquePointer
    var configuration: OpaquePointer

    func free() {
      ps_free(decoder)
      logmath_free(logMath)
      cmd_ln_free_r(configuration)
    }
  }

  private let parts: Parts
  /// What `ps_set_lm` knows the language model by.
  static let modelName = "mixed"
  private let cepstralMean: UnsafeMutablePointer<cmn_t>
  /// The acoustic model's own estimate of a channel, before anything was heard.
  private let initialMean: [mfcc_t]
  private var isOpen = false

  /// Internal for the tests, which look at the language model.
  var decoder: OpaquePointer { parts.decoder }

  /// Loads everything; takes about 300 ms, one decoder at a time in the whole process.
  ///
  /// - Parameters:
  ///   - directory: Debian's model directory.
  ///   - domain: the ARPA file that is mixed, half and half, with the general English model.
  init(directory: String, domain: String) throws(LoadFailure) {
    parts = try SphinxLibraries.make { () throws(LoadFailure) in try Self.load(directory: directory, domain: domain) }
    cepstralMean = ps_get_feat(parts.decoder).pointee.cmn_struct
    initialMean = Self.mean(of: cepstralMean)
  }

  deinit { parts.free() }

  private static func load(directory: String, domain: String) throws(LoadFailure) -> Parts {
    let files = (
      hmm: directory + "/en-us", dictionary: directory + "/cmudict-en-us.dict", lm: directory + "/en-us.lm.bin"
    )
    for file in [files.hmm + "/mdef", files.dictionary, files.lm] where access(file, R_OK) != 0 {
      throw LoadFailure(
        reason: "speech recognition: cannot read \(file)", remedy: "apt-get install pocketsphinx-en-us")
    }
    guard access(domain, R_OK) == 0 else {
      throw LoadFailure(
        reason: "speech recognition: cannot read \(domain)",
        remedy: "keep the directory \(SpeechResources.directoryName) beside the program")
    }
    let broken = LoadFailure(
      reason: "speech recognition: the models in \(directory) or \(domain) are damaged",
      remedy: "apt-get install --reinstall pocketsphinx-en-us")

    let arguments = [
      "decoder", "-hmm", files.hmm, "-dict", files.dictionary, "-fwdflat", "no", "-vad_startspeech", "5",
    ]
    guard let configuration = CommandLineArguments(arguments).parsed(with: ps_args()) else { throw broken }
    // The same base as the decoder's own, which does not exist yet.
    let madeLogMath = logmath_init(cmd_ln_float_r(configuration, "-logbase"), 0, 1)
    guard let logMath = madeLogMath,
      let decoder = makeDecoder(
        general: files.lm, domain: domain, dictionary: files.dictionary, logMath, configuration)
    else {
      logmath_free(madeLogMath)
      cmd_ln_free_r(configuration)
      throw broken
    }
    return Parts(decoder: decoder, logMath: logMath, configuration: configuration)
  }

  /// The language models first: they say which part of the dictionary is worth loading.
  private static func makeDecoder(
    general: String, domain: String, dictionary: String, _ logMath: OpaquePointer, _ configuration: OpaquePointer
  ) -> OpaquePointer? {
    var models: [OpaquePointer?] = [
      ngram_model_read(configuration, general, NGRAM_AUTO, logMath),
      ngram_model_read(configuration, domain, NGRAM_ARPA, logMath),
    ]
    // The set retains the models, and the decoder the set; these references are ours.
    defer { for model in models { ngram_model_free(model) } }
    guard let first = models[0], let second = models[1] else { return nil }

    // Where no part can be had, the whole does, for 34 MB more.
    let part = Vocabulary(general: first, domain: second).dictionary(from: dictionary)
    defer { if let part { close(part) } }
    if let path = part.map({ "/proc/self/fd/\($0)" }), access(path, R_OK) == 0 {
      cmd_ln_set_str_r(configuration, "-dict", path)
    }
    guard let decoder = ps_init(configuration) else { return nil }
    guard activate(&models, in: decoder, configuration) else {
      ps_free(decoder)
      return nil
    }
    return decoder
  }

  private static func activate(
    _ models: inout [OpaquePointer?], in decoder: OpaquePointer, _ configuration: OpaquePointer
  ) -> Bool {
    var names: [UnsafeMutablePointer<CChar>?] = [strdup("general"), strdup("domain")]
    defer { for name in names { free(name) } }
    let weights: [Float] = [0.5, 0.5]
    guard let set = ngram_model_set_init(configuration, &models, &names, weights, Int32(models.count)) else {
      return false
    }
    defer { ngram_model_free(set) }
    return ps_set_lm(decoder, modelName, set) == 0 && ps_set_search(decoder, modelName) == 0
  }

  // MARK: - Utterances

  /// Begins an utterance.
  func begin() {
    isOpen = ps_start_utt(decoder) == 0
  }

  /// Takes 16 kHz mono audio of the utterance, in blocks of any size.
  func process(_ samples: ArraySlice<Int16>) {
    guard isOpen else { return }
    samples.withUnsafeBufferPointer { buffer in
      _ = ps_process_raw(decoder, buffer.baseAddress, buffer.count, 0, 0)
    }
  }

  /// The words so far, in the middle of an utterance; after `end`, the words of the whole.
  var words: [String] {
    guard let hypothesis = ps_get_hyp(decoder, nil) else { return [] }
    return RecognizedWords.cleaned(String(cString: hypothesis))
  }

  /// Ends the utterance: 3–6 ms, because the second pass is off.
  func end() {
    guard isOpen else { return }
    ps_end_utt(decoder)
    isOpen = false
  }

  // MARK: - The channel

  /// The running cepstral mean: what the channel sounds like. It adapts with each utterance.
  var channel: [mfcc_t] {
    get { Self.mean(of: cepstralMean) }
    set { newValue.withUnsafeBufferPointer { cmn_live_set(cepstralMean, $0.baseAddress) } }
  }

  /// Forgets the channel: the next audio comes from somewhere else.
  func forgetChannel() {
    end()
    channel = initialMean
    ps_start_stream(decoder)
  }

  private static func mean(of structure: UnsafeMutablePointer<cmn_t>) -> [mfcc_t] {
    var mean = [mfcc_t](repeating: 0, count: Int(structure.pointee.veclen))
    cmn_live_get(structure, &mean)
    return mean
  }
}

/// Arguments as `cmd_ln_parse_r` takes them: it keeps copies of the values only.
struct CommandLineArguments {
  private let arguments: [String]

  init(_ arguments: [String]) { self.arguments = arguments }

  /// Nil when an argument is unknown or malformed. The caller frees it with `cmd_ln_free_r`.
  func parsed(with definitions: UnsafePointer<arg_t>?) -> OpaquePointer? {
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return cmd_ln_parse_r(nil, definitions, Int32(pointers.count), &pointers, 1)
  }
}
