/* PocketSphinx and sphinxbase's front end.
   Why a shim: cmd_ln_set_boolean_r is a macro, and pkg-config would link libsphinxad (PulseAudio, X11). */
#ifndef CPOCKETSPHINX_SHIM_H
#define CPOCKETSPHINX_SHIM_H
#if !__has_include(<pocketsphinx/pocketsphinx.h>)
#error "PocketSphinx headers not found: apt-get install libpocketsphinx-dev"
#else
#include <pocketsphinx/pocketsphinx.h>
#include <sphinxbase/fe.h>
#include <sphinxbase/err.h>
#include <sphinxbase/ngram_model.h>
#endif
#endif
