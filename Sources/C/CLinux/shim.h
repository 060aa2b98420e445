/* Linux system calls that Swift's Glibc module does not show.
   Why a shim: Glibc is a prebuilt module without _GNU_SOURCE, so eventfd, timerfd, ptys and
   thread names are declared here by hand. */
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <malloc.h>
#include <pthread.h>
#include <pty.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <termios.h>
#include <time.h>
extern int pthread_setname_np(pthread_t, const char *);
extern int memfd_create(const char *_Nonnull name, unsigned int flags);
/* MFD_CLOEXEC: <sys/mman.h> shows it only with _GNU_SOURCE. */
enum : int { CLINUX_MEMFD_CLOEXEC = 0x0001 };
enum : int {
  CLINUX_EVENTFD_FLAGS = EFD_NONBLOCK | EFD_CLOEXEC,
  CLINUX_TIMERFD_FLAGS = TFD_NONBLOCK | TFD_CLOEXEC,
  CLINUX_TIMER_ABSTIME = TFD_TIMER_ABSTIME,
};
/* socket(2)'s types. In an optimised build the C enum belongs to whichever module read <sys/socket.h> first, and files
   that import only Glibc do not find it. */
enum : int {
  CLINUX_SOCK_STREAM = SOCK_STREAM,
  CLINUX_SOCK_CLOEXEC = SOCK_CLOEXEC,
  CLINUX_SOCK_NONBLOCK = SOCK_NONBLOCK,
};
/* Names the calling thread (15 bytes at most), as seen in top -H and gdb. */
static inline int clinux_set_thread_name(const char *_Nonnull name) { return pthread_setname_np(pthread_self(), name); }
/* The terminal's size; 0 on success. */
static inline int clinux_window_size(int fd, int *_Nonnull rows, int *_Nonnull columns) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -1;
  *rows = size.ws_row; *columns = size.ws_col;
  return 0;
}
/* A file in memory, without a name in any directory; -1 where there is none. memfd_create is a GNU extension. */
extern int memfd_create(const char *, unsigned int);
static inline int clinux_memory_file(const char *_Nonnull name) { return memfd_create(name, 1 /* MFD_CLOEXEC */); }
/* Where a program that is started runs. A GNU extension. */
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *_Nonnull, const char *_Nonnull);
/* malloc keeps up to so many free bytes at the end of each arena, and asks for a quarter of that at a time. */
static inline void clinux_keep_pages(int bytes) {
  mallopt(M_TRIM_THRESHOLD, bytes);
  mallopt(M_TOP_PAD, bytes / 4);
}
/* poll with a timeout to the nanosecond. ppoll is a GNU extension. */
extern int ppoll(struct pollfd *_Nonnull, nfds_t, const struct timespec *_Nullable, const sigset_t *_Nullable);
static inline int clinux_poll(struct pollfd *_Nonnull fds, nfds_t count, long long nanoseconds) {
  struct timespec timeout = {nanoseconds / 1000000000LL, nanoseconds % 1000000000LL};
  return ppoll(fds, count, &timeout, NULL);
}
/* Lets the process have so many descriptors open; 0 when it may. The kernel's own limit is left as it is. */
static inline int clinux_allow_descriptors(unsigned long count) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  if (limit.rlim_cur >= count) return 0;
  if (limit.rlim_max < count) return -1;
  limit.rlim_cur = count;
  return setrlimit(RLIMIT_NOFILE, &limit);
}
/* Nanoseconds on CLOCK_MONOTONIC. */
static inline long long clinux_monotonic_nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
}
#endif
