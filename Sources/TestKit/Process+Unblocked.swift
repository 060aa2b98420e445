import Foundation

extension Process {
  /// Starts it with no signal blocked. A child inherits the mask of the thread that starts it, and the threads that run
  /// tests have nearly all signals blocked: SIGTERM would never arrive, and Ctrl-Z would stop nothing.
  func runUnblocked() throws {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
