/* libsndfile: audio files of any common format. LGPL, linked dynamically. */
#ifndef CSNDFILE_SHIM_H
#define CSNDFILE_SHIM_H
#if !__has_include(<sndfile.h>)
#error "libsndfile headers not found: apt-get install libsndfile1-dev"
#else
#include <sndfile.h>
#endif
#endif
