/* Moonshine, as far as this program needs it: speech of at most some seconds to English text, by libmoonshine's C
   interface of version 0.1.0.
   Why a shim: the library is opened while the program runs, because it comes with the speech engines and may be absent,
   and a structure of its results is read whose layout C knows best. */
#ifndef CMoonshine_moonshine_h
#define CMoonshine_moonshine_h
#include <stddef.h>
#include <stdint.h>

/* A recognizer with its model: about 175 MB. Used from any thread; calls wait for each other. */
typedef struct moonshine moonshine;

/* Opens the library and loads the model "tiny" of a folder: 300 ms. NULL when that fails: then `error` says why, cut at
   `capacity` bytes, the last of them 0. Each call costs one core; the library stays open for the rest of the process. */
moonshine *moonshine_open(const char *library, const char *model_folder, char *error, size_t capacity);
void moonshine_close(moonshine *recognizer);
/* The words of mono audio at 16 kHz, 1 being full scale: UTF-8 with capitals and marks, cut at `capacity` bytes, the last
   of them 0. All of the audio is taken for speech: without any, words are invented.
   The number of bytes, or -1 when it fails; then `text` says why. */
ptrdiff_t moonshine_words(moonshine *recognizer, const float *audio, size_t count, char *text, size_t capacity);
#endif
