/// What a capture says about itself before the first entry.
public struct CaptureHeader: Sendable, Equatable {
  /// The version of the program that wrote it.
  public var programVersion: String
  /// The settings of the run as a JSON object, without secrets.
  public var settings: String
  /// The time of day at timestamp zero, in milliseconds since 1970-01-01 UTC.
  public var wallClockMilliseconds: Int64

  public init(programVersion: String, settings: String = "{}", wallClockMilliseconds: Int64) {
    self.programVersion = programVersion
    self.settings = settings
    self.wallClockMilliseconds = wallClockMilliseconds
  }
}

/// How much of each kind there is.
public struct CaptureCounts: Sendable, Equatable {
  public var entries: Int
  /// Samples of all channels of all tracks.
  public var samples: Int

  public init(entries: Int = 0, samples: Int = 0) {
    self.entries = entries
    self.samples = samples
  }

  public var isZero: Bool { entries == 0 && samples == 0 }

  public static func + (a: CaptureCounts, b: CaptureCounts) -> CaptureCounts {
    CaptureCounts(entries: a.entries.adding(b.entries), samples: a.samples.adding(b.samples))
  }
  public static func += (a: inout CaptureCounts, b: CaptureCounts) { a = a + b }
}

/// Why a capture cannot be written. Each has a sentence, and what would help.
public enum CaptureFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The disk is full, or the quota is used up.
  case full
  /// The file system or the file is read-only.
  case readOnly
  /// The folder or the file may not be written to.
  case forbidden
  /// A file of another kind has that name.
  case occupied
  /// Another program holds the file locked.
  case busy
  /// The file was damaged by something else.
  case damaged
  /// The file was moved or deleted by something else.
  case gone
  /// Any other reason, in the words of the system.
  case other(String)

  public var description: String {
    switch self {
    case .full: "the disk is full"
    case .readOnly: "the disk is read-only"
    case .forbidden: "the folder may not be written to"
    case .occupied: "a file that is no capture has that name"
    case .busy: "another program has locked the file"
    case .damaged: "the file was damaged by another program"
    case .gone: "the file was moved or deleted"
    case .other(let text): text
    }
  }

  /// What would help.
  public var remedy: String {
    switch self {
    case .full: "make room; writing goes on by itself"
    case .readOnly, .forbidden, .other: "name another place with --capture PATH"
    case .occupied: "name another file"
    case .busy: "end the program that has it open; writing goes on by itself"
    case .damaged, .gone: "start again for a new capture"
    }
  }
}

/// How the writing of a capture goes.
public struct CaptureStatus: Sendable, Equatable {
  /// What it is at.
  public enum State: Sendable, Equatable {
    /// The file is not there yet.
    case opening
    case recording
    /// It cannot be written, and is tried again: what comes waits as long as there is room.
    case failing(CaptureFault)
    /// It was closed; with the reason when the last of it could not be written.
    case closed(CaptureFault?)
  }
  public var state: State
  /// What is in the file.
  public var kept: CaptureCounts
  /// What will never be in the file: it found no room to wait, or it still waited at the end.
  public var lost: CaptureCounts
  /// What waits to be written.
  public var waiting: CaptureCounts
  /// The same in bytes.
  public var waitingByteCount: Int

  public init(
    _ state: State = .opening, kept: CaptureCounts = CaptureCounts(), lost: CaptureCounts = CaptureCounts(),
    waiting: CaptureCounts = CaptureCounts(), waitingByteCount: Int = 0
  ) {
    self.waiting = waiting
    self.state = state
    self.kept = kept
    self.lost = lost
    self.waitingByteCount = waitingByteCount
  }

  /// Why it is not written; nil while all is well.
  public var fault: CaptureFault? {
    switch state {
    case .failing(let fault): fault
    case .closed(let fault): fault
    case .opening, .recording: nil
    }
  }

  /// What to tell when the capture is not whole; nil when it is.
  /// - Parameter name: the file's.
  public func problem(_ name: String) -> String? {
    guard fault != nil || !lost.isZero else { return nil }
    var parts: [String] = []
    if let fault { parts.append("\(fault)") }
    if !lost.isZero {
      let reason = fault == nil ? "too much came at once: " : ""
      parts.append("\(reason)\(lost.text) were not kept")
    }
    return "\(name): " + parts.joined(separator: "; ")
  }
}
