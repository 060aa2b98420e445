import CPocketSphinx
import Threads

/// PocketSphinx and sphinxbase, as far as they are one thing in the whole process.
enum SphinxLibraries {
  /// Counts what was made: ThreadSanitizer mistakes the address of an empty value for the lock's own.
  private static let lock = Locked<Int>(0)

  /// Makes something of theirs, with nobody else doing so.
  ///
  /// Configuring sets variables of the process: where messages go, the debug level, the front end's frequency warp.
  /// What has been made shares nothing with others and is used without this lock.
  static func make<Made, Failure: Error>(_ body: () throws(Failure) -> Made) throws(Failure) -> Made {
    var made: Made?
    try lock.withLock { (count) throws(Failure) in
      // Before anything else: the libraries write hundreds of lines to stderr, which is our screen.
      err_set_logfp(nil)
      made = try body()
      count += 1
    }
    guard let made else { preconditionFailure("the lock did not run its body") }
    return made
  }
}
