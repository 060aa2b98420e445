import CLinux
import Glibc

// Threads: POSIX threads and the only two ways across them.
//
//   events   many producers ──► Mailbox (bounded, locked array) ──► one consumer, woken through an eventfd
//   samples  one producer  ──► SampleRing (lock-free, fixed size) ──► one consumer

/// A value behind a POSIX mutex.
///
/// Not `Synchronization.Mutex`: that is a bare futex which ThreadSanitizer does not understand (false races under
/// contention). See docs/decisions/threads.md.
public final class Locked<Value: ~Copyable>: @unchecked Sendable {
  // Sendable: `value` is touched only between lock and unlock of `mutex`.
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline var value: Value

  public init(_ value: consuming sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` alone. Must not be called again from within.
  // Inlined, as the mailbox is: called from another module, generic code looks its types up at each call.
  @inlinable
  public func withLock<R: ~Copyable, E: Error>(
    _ body: (inout sending Value) throws(E) -> sending R
  ) throws(E) -> sending R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
