import Foundation
import TestKit
import Testing

extension SecondLane {
  /// `sidetone engines`, without a network.
  @Suite struct EnginesTests {
    @Test func anEmptyFolderIsListedAndNothingIsFetchedOffline() throws {
      let folder = try TestFolder()
      let place = folder.file("engines")
      let list = try Program.run(["engines", "--folder", place])
      #expect(list.status == 0 && list.output.first == "Speech engines in \(place)", "\(list)")
      #expect(list.output.contains { $0.contains("missing: PocketSphinx recognises instead") }, "\(list)")
      let offline = try Program.run(["engines", "install", "--offline", "--folder", place])
      #expect(offline.status == 69 && offline.errors.contains("missing: moonshine-voice 0.1.0"), "\(offline)")
      #expect(!FileManager.default.fileExists(atPath: place))
      let removed = try Program.run(["engines", "remove", "--folder", place])
      #expect(removed.status == 0 && removed.errors.contains("there are no speech engines in"), "\(removed)")
    }

    /// A package index where nobody answers.
    @Test func withoutANetworkItSaysSoAndLeavesNothing() throws {
      let folder = try TestFolder()
      let place = folder.file("engines")
      let install = try ChildProcess(
        Program.path, ["engines", "install", "--folder", place],
        environment: Program.environment.merging(["PIP_INDEX_URL": "http://127.0.0.1:1/simple"]) { $1 })
      #expect(install.waitUntilExit(timeout: 60) == 69)
      let errors = install.errorLines.joined(separator: "\n")
      #expect(errors.contains("fetching 126 MB of speech engines") || errors.contains("fetching 125 MB"), "\(errors)")
      #expect(errors.contains("no network to the package index (Connection refused)"), "\(errors)")
      #expect(errors.contains("what to do: sidetone engines install"), "\(errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [".lock"])
    }

    @Test func ctrlCEndsItAndLeavesNothing() throws {
      let folder = try TestFolder()
      // Takes a connection and never answers.
      let program = """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        print(server.getsockname()[1], flush=True)
        kept = []
        while True:
            kept.append(server.accept())
            print("taken", flush=True)
        """
      let server = try ChildProcess("/usr/bin/python3", ["-c", program])
      defer { server.kill() }
      let port = try #require(server.waitForLine { Int($0) != nil })
      let place = folder.file("engines")
      let install = try ChildProcess(
        Program.path, ["engines", "install", "--folder", place],
        environment: Program.environment.merging(["PIP_INDEX_URL": "http://127.0.0.1:\(port)/simple"]) { $1 })
      try #require(server.waitForLine { $0 == "taken" } != nil)
      kill(install.processID, SIGINT)
      #expect(install.waitUntilExit(timeout: 30) == 69)
      #expect(install.errorLines.contains { $0.contains("ended before it was done") }, "\(install.errorLines)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [".lock"])
    }

    @Test(.enabled(if: TestEngines.areHere, "\(TestEngines.comment)"))
    func theFetchedOnesAreInstalledAndASecondInstallationIsSilent() throws {
      let place = try #require(TestEngines.path)
      let list = try Program.run(["engines", "list", "--folder", place])
      #expect(list.output.filter { $0.hasSuffix("installed") }.count == 3, "\(list)")
      let install = try Program.run(["engines", "install", "--folder", place])
      #expect(install.status == 0 && install.output.isEmpty && install.errors.isEmpty, "\(install)")
    }
  }
}
