/* ALSA as Swift sees it.
   Why a shim: the error handler's type is variadic and not imported, and alsa-lib's default
   handler writes to stderr, which would ruin the curses screen. */
#ifndef CALSA_SHIM_H
#define CALSA_SHIM_H
#if !__has_include(<alsa/asoundlib.h>)
#error "ALSA headers not found: apt-get install libasound2-dev"
#else
#include <alsa/asoundlib.h>
static void calsa_quiet_handler(const char *f, int l, const char *fn, int e, const char *fmt, ...) {
  (void)f; (void)l; (void)fn; (void)e; (void)fmt;
}
/* Silences alsa-lib for the whole process. */
static inline __attribute__((unused)) int calsa_silence(void) { return snd_lib_error_set_handler(calsa_quiet_handler); }
#endif
#endif
