/* libmpg123: MP3 streams that may be cut anywhere. LGPL, linked dynamically. */
#ifndef CMPG123_SHIM_H
#define CMPG123_SHIM_H
#if !__has_include(<mpg123.h>)
#error "mpg123 headers not found: apt-get install libmpg123-dev"
#else
#include <mpg123.h>
#endif
#endif
