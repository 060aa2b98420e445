/* libopus and libogg: Ogg/Opus streams that may be cut anywhere.
   Why a shim: opus_encoder_ctl is variadic and not imported. */
#ifndef COPUS_SHIM_H
#define COPUS_SHIM_H
#if !__has_include(<opus/opus.h>) || !__has_include(<ogg/ogg.h>)
#error "Opus headers not found: apt-get install libopus-dev libogg-dev"
#else
#include <opus/opus.h>
#include <opus/opus_multistream.h>
#include <ogg/ogg.h>
#endif
#endif
