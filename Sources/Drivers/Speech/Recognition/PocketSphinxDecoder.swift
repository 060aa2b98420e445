import CPocketSphinx
import Glibc

/// One PocketSphinx decoder with its own models: about 100 MB.
///
/// Not shared, not even the language models: their tries keep a cache that reading changes. Belongs to one thread at a
/// time.
final class PocketSphinxDecoder {
  /// Why no decoder could be made: what is wrong and what to do.
  struct LoadFailure: Error, Equatable {
    var reason: String
    var remedy: String
  }

  private let decoder: OpaquePointer
  private let configuration: OpaquePointer
  private let cepstralMean: UnsafeMutablePointer<cmn_t>
  /// The acoustic model's own estimate of a channel, before anything was heard.
  private let initialMean: [mfcc_t]
  private var isOpen = false

  /// Loads everything; takes about 200 ms.
  ///
  /// - Parameters:
  ///   - directory: Debian's model directory.
  ///   - domain: the ARPA file that is mixed, half and half, with the general English model.
  init(directory: String, domain: String) throws(LoadFailure) {
    // Before anything else: the libraries write hundreds of lines to stderr, which is our screen.
    err_set_logfp(nil)
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
    guard let decoder = ps_init(configuration) else {
      cmd_ln_free_r(configuration)
      throw broken
    }
    guard Self.activateMixedModel(general: files.lm, domain: domain, in: decoder, configuration) else {
      ps_free(decoder)
      cmd_ln_free_r(configuration)
      throw broken
    }
    self.decoder = decoder
    self.configuration = configuration
    cepstralMean = ps_get_feat(decoder).pointee.cmn_struct
    initialMean = Self.mean(of: cepstralMean)
  }

  deinit {
    ps_free(decoder)
    cmd_ln_free_r(configuration)
  }

  private static func activateMixedModel(
    general: String, domain: String, in decoder: OpaquePointer, _ configuration: OpaquePointer
  ) -> Bool {
    let math = ps_get_logmath(decoder)
    var models: [OpaquePointer?] = [
      ngram_model_read(configuration, general, NGRAM_AUTO, math),
      ngram_model_read(configuration, domain, NGRAM_ARPA, math),
    ]
    // The set retains the models, and the decoder the set; these references are ours.
    defer { for model in models { ngram_model_free(model) } }
    guard models.allSatisfy({ $0 != nil }) else { return false }
    var names: [UnsafeMutablePointer<CChar>?] = [strdup("general"), strdup("domain")]
    defer { for name in names { free(name) } }
    let weights: [Float] = [0.5, 0.5]
    guard let set = ngram_model_set_init(configuration, &models, &names, weights, Int32(models.count)) else {
      return false
    }
    defer { ngram_model_free(set) }
    return ps_set_lm(decoder, "mixed", set) == 0 && ps_set_search(decoder, "mixed") == 0
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
