/* SpeexDSP: resampler, echo canceller, preprocessor. Pure computation, so Core/Audio may import it. */
#ifndef CSPEEXDSP_SHIM_H
#define CSPEEXDSP_SHIM_H
#if !__has_include(<speex/speex_resampler.h>)
#error "SpeexDSP headers not found: apt-get install libspeexdsp-dev"
#else
#include <speex/speex_resampler.h>
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#endif
#endif
