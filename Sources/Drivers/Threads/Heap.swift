import CLinux

/// The memory allocator's habits.
public enum Heap {
  /// Once, at the start of a program that allocates and frees the same amounts dozens of times a second: by default each
  /// thread gives its last pages back to the kernel as soon as they are free, and asks for them again with the next
  /// message or frame. At most a megabyte a thread stays ours.
  public static func keepPages() { clinux_keep_pages(1 << 20) }
}
