import CLinux

/// Nanoseconds on CLOCK_MONOTONIC: the one clock of the program. Any thread, no allocation, no lock.
public func monotonicNanoseconds() -> Int64 { Int64(clinux_monotonic_nanoseconds()) }
