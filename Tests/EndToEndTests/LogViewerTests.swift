import Capture
import Foundation
import Store
import TestKit
import Testing
import Timeline

extension FirstLane {
  /// What another program makes of a session's log.
  @Suite struct LogViewers {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    @Test(.enabled(if: Unpacked.has("lnav"), Comment(rawValue: Unpacked.comment("lnav"))))
    func lnavReadsTheFormatFileThatIsShipped() throws {
      let unpacked = try #require(Unpacked("lnav"))
      let folder = try TestFolder()
      let log = folder.file("session.jsonl")
      let writer = try TimelineWriter(path: log)
      let wallClock: Int64 = 1_790_000_000_123
      let events: [(Double, Entry.Event)] = [
        (
          5,
          .sessionStarted(
            SessionStarted(
              version: "1", wallClockMilliseconds: wallClock, url: "ws://a", dialect: "voice", inputRate: 16_000,
              input: "silence", output: "null"))
        ),
        (10, .connection(ConnectionChange(LinkID(1), .ready(sessionID: "s")))),
        (1500, .notice(Notice(.other("test"), .warning, .protocol, "odd, \"quoted\"", remedy: "look"))),
        (2000.9, .sessionEnded(SessionEnded(reason: "quit", orderly: true))),
      ]
      for (i, event) in events.enumerated() {
        writer.write(Entry(index: i, at: Timestamp(milliseconds: event.0), event: event.1))
      }
      writer.close()

      let script = #"""
        "$0" -i "$1" >/dev/null && "$0" -n \
          -c ';select log_time, log_level, event, state, log_body from sidetone_log' -c ':write-csv-to -' "$2"
        """#
      let lnav = try ChildProcess(
        "/bin/sh", ["-c", script, unpacked.path("usr/bin/lnav"), Self.root + "/docs/lnav/sidetone.json", log],
        environment: [
          "HOME": folder.path, "TZ": "UTC", "TERM": "xterm", "XDG_CONFIG_HOME": folder.path,
          "LD_LIBRARY_PATH": unpacked.libraries,
        ])
      #expect(lnav.waitUntilExit(timeout: 60) == 0, "\(lnav.errorLines)")
      let time = "2026-09-21 14:13:2"
      #expect(
        lnav.lines == [
          "log_time,log_level,event,state,log_body", "\(time)0.128,info,sessionStarted,<NULL>,<NULL>",
          "\(time)0.133,info,connection,ready,<NULL>",
          "\(time)1.623,warning,notice,<NULL>,\"odd, \"\"quoted\"\"\"",
          "\(time)2.123,info,sessionEnded,<NULL>,<NULL>",
        ], "\(lnav.lines) \(lnav.errorLines)")
    }
  }
}
