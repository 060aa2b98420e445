/* Makes tests the same on every machine: before the first test runs, the process that runs them, and so each of its
   children, loses what the user's machine and session would tell it.

   Gone are locale, time zone, terminal, home and XDG folders, proxies, sound servers and ALSA's configuration, D-Bus,
   displays, agents, keys of language models, settings of Python, Node and OpenSSL; signals that were ignored by whoever
   started this (nohup, a shell's `&`) are heard again. What is left is named below.

   Why before main and in C: Swift Testing has no place that comes before all tests, and setenv beside other threads is
   not safe. */
#include "environment.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern char **environ;

/* What finds programs, libraries and temporary folders, and what steers the tests themselves. `*`: any that begins so. */
static const char *const kept[] = {
    "PATH", "TMPDIR", "USER", "LOGNAME", "SHELL", "LD_LIBRARY_PATH", "LD_PRELOAD", "SIDETONE_*", "SWIFT*", "SWT_*", "XCT*",
    "LLVM_*", "ASAN_*", "TSAN_*", "UBSAN_*", "LSAN_*",
};

static int is_kept(const char *entry) {
  size_t length = strcspn(entry, "=");
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    size_t n = strlen(kept[i]);
    int is_prefix = kept[i][n - 1] == '*';
    if (is_prefix ? length >= n - 1 && !strncmp(entry, kept[i], n - 1) : length == n && !strncmp(entry, kept[i], n)) return 1;
  }
  return 0;
}

__attribute__((constructor)) static void isolate(void) {
  char **next = environ;
  for (char **entry = environ; *entry; entry++)
    if (is_kept(*entry)) *next++ = *entry;
  *next = NULL;
  setenv("HOME", CTESTENVIRONMENT_HOME, 1);
  /* Who speaks and who recognises is chosen by each test. */
  unsetenv("SIDETONE_ENGINES");
  setenv("LANG", "C.UTF-8", 1);
  setenv("TZ", "UTC", 1);
  /* No sound but what a test brings: a file that names no device. */
  setenv("ALSA_CONFIG_PATH", "/dev/null", 1);
  /* A client of PulseAudio starts a server where it finds none. */
  setenv("PULSE_SERVER", "unix:/dev/null/none", 1);
  static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
  umask(022);
}
