import CLinux

/// Files and sockets that the process may have open at a time: 1024 by default, though the kernel lets it ask for more.
public enum FileDescriptors {
  /// Asks for so many, before whoever counts on them starts.
  /// - Returns: false where they cannot be had: the administrator's limit is lower.
  public static func allow(_ count: Int) -> Bool { clinux_allow_descriptors(UInt(clamping: count)) == 0 }
}
