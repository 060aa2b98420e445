import Testing

@testable import Engines

/// What pip 23.0.1 wrote in each case.
@Suite struct PipAnswerTests {
  private func fault(_ errors: String) -> EngineFault { PipAnswer.fault(errors, folder: "/engines") }

  @Test func noNetwork() {
    let retries = """
      WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
      'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f2bcc19dc10>: Failed to establish a \
      new connection: [Errno -3] Temporary failure in name resolution')': /simple/moonshine-voice/
      ERROR: Could not find a version that satisfies the requirement moonshine-voice==0.1.0 (from versions: none)
      ERROR: No matching distribution found for moonshine-voice==0.1.0
      """
    #expect(fault(retries).reason == "no network to the package index (Temporary failure in name resolution)")
    #expect(fault(retries).remedy == "sidetone engines install, once there is a network")
    let certificate = """
      WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: \
      CERTIFICATE_VERIFY_FAILED] certificate verify failed'))': /simple/silero-vad/
      """
    #expect(fault(certificate).reason == "no network to the package index (its certificate is not trusted)")
    #expect(
      fault("Retrying after connection broken by 'ProxyError('Cannot connect to proxy.')'").reason.contains("proxy"))
    #expect(fault("ReadTimeoutError: Read timed out.").reason.contains("it does not answer"))
  }

  @Test func wrongHashFullDiskNoPip() {
    let hashes = """
      ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, \
      please update the hashes.
          toy-one==1.0 from file:///toy_one-1.0-py3-none-any.whl:
              Expected sha256 00
                   Got        11
      """
    #expect(fault(hashes).reason.contains("its SHA-256 is wrong"))
    let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    #expect(fault(full).reason == "/engines: the disk is full")
    #expect(fault("/usr/bin/python3: No module named pip\n") == PipAnswer.needsPip)
  }

  @Test func anythingElseIsSaidInItsOwnWords() {
    #expect(fault("ERROR: No matching distribution found for a==1").reason == "the package index does not have it")
    #expect(fault("WARNING: a\nERROR: something else\nb").reason == "pip: ERROR: something else")
    #expect(fault("Traceback\nOSError: no").reason == "pip: OSError: no")
    #expect(fault("").reason == "pip: it ended without a word")
    #expect(fault(String(repeating: "x", count: 5000)).reason.count < 400)
  }

  @Test func theWheelIsChosenByItsOwnPlatform() throws {
    let moonshine = try #require(EnginePackage.moonshine.wheels[.aarch64])
    #expect(PipAnswer.arguments(for: moonshine).suffix(2) == ["--platform", "manylinux_2_31_aarch64"])
    let silero = try #require(EnginePackage.silero.wheels[.aarch64])
    #expect(!PipAnswer.arguments(for: silero).contains("--platform"))
  }
}
