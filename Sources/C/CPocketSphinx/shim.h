/* PocketSphinx's decoder and sphinxbase's front end.
   Why a shim: pocketsphinx.h includes its siblings as <cmdln_macro.h>, which takes an -I that only pkg-config knows,
   and pkg-config would link libsphinxad too: PulseAudio and X11 in every process. So the few functions we call are
   declared here as pocketsphinx.h (5prealpha, soname 3) has them; everything else comes from the real headers. */
#ifndef CPOCKETSPHINX_SHIM_H
#define CPOCKETSPHINX_SHIM_H
#if !__has_include(<pocketsphinx/ps_search.h>) || !__has_include(<sphinxbase/fe.h>)
#error "PocketSphinx headers not found: apt-get install libpocketsphinx-dev libsphinxbase-dev"
#else
#include <sphinxbase/cmd_ln.h>
#include <sphinxbase/err.h>
#include <sphinxbase/fe.h>
#include <sphinxbase/feat.h>
#include <sphinxbase/logmath.h>
#include <sphinxbase/ngram_model.h>
typedef struct ps_decoder_s ps_decoder_t;
#ifndef POCKETSPHINX_EXPORT
#define POCKETSPHINX_EXPORT
#endif
#include <pocketsphinx/ps_search.h>
arg_t const *ps_args(void);
ps_decoder_t *ps_init(cmd_ln_t *config);
int ps_free(ps_decoder_t *ps);
logmath_t *ps_get_logmath(ps_decoder_t *ps);
ngram_model_t *ps_get_lm(ps_decoder_t *ps, const char *name);
feat_t *ps_get_feat(ps_decoder_t *ps);
int ps_start_stream(ps_decoder_t *ps);
int ps_start_utt(ps_decoder_t *ps);
int ps_process_raw(ps_decoder_t *ps, int16 const *data, size_t n_samples, int no_search, int full_utt);
int ps_end_utt(ps_decoder_t *ps);
char const *ps_get_hyp(ps_decoder_t *ps, int32 *out_best_score);
#endif
#endif
