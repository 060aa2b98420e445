import Foundation
import Testing

extension SecondLane {
  /// What cannot work: said at once, on stderr, with what to do, and told by the exit code of sysexits(3).
  @Suite struct BadInput {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    /// Runs headless and holds that it fails with this code, one line that has all these words in it, and no entries.
    private func expect(
      _ arguments: [String], fails status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try Program.run(arguments)
      #expect(outcome.status == status, "\(arguments) \(outcome.errors)", sourceLocation: sourceLocation)
      #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
      for word in words {
        #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
      }
    }

    @Test func soundFilesThatAreNone() throws {
      let text = try folder.write("no sound in here", to: "text.wav")
      let headless = ["--headless", "--until-idle", "--input"]
      try expect(headless + ["file:\(text)"], fails: 66, "--input file: \(text): not a sound file", "sox")
      try expect(headless + ["file:\(folder.file("gone.wav"))"], fails: 66, "gone.wav: No such file")
      try expect(headless + ["file:\(folder.path)"], fails: 66, "it is a directory")
      _ = try folder.write("", to: "empty.wav")
      try expect(headless + ["file:\(folder.file("empty.wav"))"], fails: 66, "the file is empty")
    }

    @Test func outputsThatCannotBeWritten() throws {
      let headless = ["--headless", "--duration", "1s"]
      try expect(headless + ["--output", "file:\(folder.path)"], fails: 73, "--output file:", "Is a directory")
      try expect(headless + ["--output", "file:\(folder.file("no/out.wav"))"], fails: 73, "No such file or directory")
      try expect(headless + ["--log", folder.path], fails: 73, "cannot write \(folder.path)", "Is a directory")
    }

    @Test func addresses() throws {
      let headless = ["--headless", "--duration", "1s"]
      try expect(["connect", "http://x/y"] + headless, fails: 64, "write ws://x/y", "sidetone connect")
      try expect(["connect", "localhost"] + headless, fails: 64, "the scheme is missing")
      try expect(["connect", "ws://"] + headless, fails: 64, "the host is missing")
      try expect(["connect", "ws://127.0.0.1:99999/"] + headless, fails: 64, "99999")
      try expect(["connect", "ws://x/", "-H", "nonsense"] + headless, fails: 64, "Name: value")
      try expect(["serve", "--listen", "0.0.0.0:0"], fails: 64, "--token", "sidetone serve")
      try expect(["serve", "--listen", "127.0.0.1:x"], fails: 64, "127.0.0.1:8765")
    }

    @Test func dialects() throws {
      let headless = ["--headless", "--duration", "1s"]
      let connect = ["connect", "ws://127.0.0.1:1/"] + headless
      try expect(
        connect + ["--dialect", "vioce"], fails: 64, "there is no dialect \"vioce\", did you mean voice?",
        "There are: voice, pcm", "sidetone connect")
      try expect(["serve", "--dialect", "morse"], fails: 64, "there is no dialect \"morse\". There are: voice, pcm")
      try expect(connect + ["--model", "x"], fails: 64, "dialect voice has no setting \"model\"; it has none")
      try expect(connect + ["--set", "x"], fails: 64, "write it as NAME=VALUE")
      try expect(connect + ["--uplink", "flac"], fails: 64, "--uplink flac: the dialect has pcm16@16000")
      try expect(["connect"] + headless, fails: 64, "which server? Give its address")
      try expect(connect + ["--key-env", "SIDETONE_NO_SUCH_KEY"], fails: 64, "dialect voice takes no key")
    }

    @Test func aServerThatIsNotThere() throws {
      // Port 1 of the loopback interface: reserved, and nobody's.
      let outcome = try Program.run(["connect", "ws://127.0.0.1:1/voice", "--headless", "--duration", "1s"])
      #expect(outcome.status == 69)
      #expect(outcome.errors.contains("127.0.0.1:1 refused the connection"))
      #expect(outcome.errors.contains("start the server or check the port"))
      try Recording(outcome.output).expectWhole()
    }

    /// What stands behind `--summary` and is no word of it is the command's own argument.
    @Test func anAddressBehindTheSummary() throws {
      let outcome = try Program.run([
        "connect", "--headless", "--summary", "ws://127.0.0.1:1/voice", "--duration", "1s",
      ])
      #expect(outcome.status == 69)
      #expect(outcome.errors.contains("127.0.0.1:1 refused the connection"), "\(outcome.errors)")
    }

    @Test func flags() throws {
      try expect(["--bogus"], fails: 64, "Unknown option '--bogus'")
      try expect(["--headless", "--input", "bogus"], fails: 64, "mic[:NAME]")
      try expect(["--headless", "--duration", "soon"], fails: 64, "10s, 1500ms or 2m")
      try expect(["--headless", "--duration", "1s", "--until-idle"], fails: 64, "exclude each other")
      try expect(["--plain", "--summary"], fails: 64, "--summary needs --headless")
      try expect(["--headless", "--summary=xml"], fails: 64, "--summary is words or json, not \"xml\"")
      try expect(["--duration", "1s"], fails: 64, "need --headless")
      try expect(["--headless", "--chunk", "1"], fails: 64, "--chunk")
      try expect(["--headless", "--llm", "ollama"], fails: 64, "--llm-model")
      try expect(["--headless", "--llm", "oolama"], fails: 64, "--llm", "'openai' or 'anthropic'")
      try expect(["--headless", "--stt", "deepgam"], fails: 64, "--stt")
      try expect(["--headless", "--stt", "deepgram"], fails: 64, "put it into DEEPGRAM_API_KEY")
      try expect(["--headless", "--stt", "vosk", "--stt-url", "http://h"], fails: 64, "--stt-url", "write ws://HOST")
      let anthropic = ["--headless", "--llm", "anthropic", "--llm-model", "m"]
      try expect(anthropic, fails: 64, "put it into ANTHROPIC_API_KEY")
      try expect(anthropic + ["--llm-key-env", "NO_SUCH_KEY"], fails: 64, "NO_SUCH_KEY", "is not set")
      try expect(anthropic + ["--llm-url", "host"], fails: 64, "--llm-url", "no address of a language model")
      try expect(anthropic + ["--llm-url", "http://h", "--llm-max-tokens", "0"], fails: 64, "--llm-max-tokens")
    }

    @Test func configurationAndThemes() throws {
      let headless = ["--headless", "--duration", "1s"]
      func config(_ text: String) throws -> [String] { headless + ["--config", try folder.write(text, to: "c.yaml")] }
      try expect(try config("vad: gate\nchunk: 77x\n"), fails: 78, "c.yaml:2: key \"chunk\"", "low-latency")
      try expect(try config("\n\ntemperature: hot\n"), fails: 78, "c.yaml:3: key \"temperature\"", "theme")
      try expect(try config("a: b: c\n"), fails: 78, "c.yaml:1: is not valid YAML")
      try expect(headless + ["--config", folder.file("gone.yaml")], fails: 78, "gone.yaml: cannot be opened")
      try expect(headless + ["--theme", "nope"], fails: 78, "there is no theme \"nope\"", "sidetone")
      let theme = try folder.write("roles:\n  user: {fg: \"#12345\"}\n", to: "theme.yaml")
      try expect(headless + ["--theme", theme], fails: 78, "theme.yaml:")
    }

    @Test func recordings() throws {
      let text = try folder.write("not JSON\n", to: "text.jsonl")
      try expect(["replay", text], fails: 66, "text.jsonl:1: not valid JSON")
      try expect(["replay", folder.file("gone.jsonl")], fails: 66, "No such file")
      try expect(["replay", folder.path], fails: 66, "Is a directory")
      try expect(["replay", try folder.write("", to: "empty.jsonl")], fails: 66, "no entries")
    }
  }
}
