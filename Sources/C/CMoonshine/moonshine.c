#include "moonshine.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* moonshine-c-api.h of version 0.1.0. */
struct option {
  const char *name;
  const char *value;
};
struct line {
  const char *text;
  const float *audio;
  size_t audio_count;
  float start, duration;
  uint64_t id;
  int8_t is_complete, is_updated, is_new, has_text_changed, have_speakers_changed;
  const void *speaker_spans;
  uint64_t speaker_span_count;
  uint32_t latency_ms;
  const void *words;
  uint64_t word_count;
};
struct transcript {
  struct line *lines;
  uint64_t line_count;
};
enum { tiny = 0, interface_version = 20000, rate = 16000 };

struct moonshine {
  int32_t transcriber;
  int32_t (*transcribe)(int32_t, float *, uint64_t, int32_t, uint32_t, struct transcript **);
  const char *(*reason)(int32_t);
  void (*unload)(int32_t);
};

static void say(char *error, size_t capacity, const char *text) {
  if (capacity > 0) snprintf(error, capacity, "%s", text ? text : "no reason is told");
}

moonshine *moonshine_open(const char *path, const char *model_folder, char *error, size_t capacity) {
  /* Two threads take as long as one and cost twice the processor time. Read when the library loads. */
  setenv("MOONSHINE_ORT_SINGLE_THREAD", "1", 0);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    say(error, capacity, dlerror());
    return NULL;
  }
  int32_t (*load)(const char *, uint32_t, const struct option *, uint64_t, int32_t) =
      (int32_t (*)(const char *, uint32_t, const struct option *, uint64_t, int32_t))dlsym(
          library, "moonshine_load_transcriber_from_files");
  moonshine *made = calloc(1, sizeof *made);
  if (!made) {
    say(error, capacity, "out of memory");
    return NULL;
  }
  made->transcribe = (int32_t (*)(int32_t, float *, uint64_t, int32_t, uint32_t, struct transcript **))dlsym(
      library, "moonshine_transcribe_without_streaming");
  made->reason = (const char *(*)(int32_t))dlsym(library, "moonshine_error_to_string");
  made->unload = (void (*)(int32_t))dlsym(library, "moonshine_free_transcriber");
  if (!load || !made->transcribe || !made->reason || !made->unload) {
    say(error, capacity, "it is no libmoonshine of version 0.1.0");
    free(made);
    return NULL;
  }
  /* Its own detector clips the first words of short commands: what is handed over is cut before. */
  const struct option options[] = {{"vad_threshold", "0"}, {"return_audio_data", "false"}};
  made->transcriber = load(model_folder, tiny, options, 2, interface_version);
  if (made->transcriber < 0) {
    say(error, capacity, made->reason(made->transcriber));
    free(made);
    return NULL;
  }
  return made;
}

void moonshine_close(moonshine *recognizer) {
  recognizer->unload(recognizer->transcriber);
  free(recognizer);
}

ptrdiff_t moonshine_words(moonshine *recognizer, const float *audio, size_t count, char *text, size_t capacity) {
  if (capacity == 0) return -1;
  text[0] = 0;
  struct transcript *made = NULL;
  /* The audio is only read: the library copies it. */
  int32_t outcome =
      recognizer->transcribe(recognizer->transcriber, (float *)audio, count, rate, 0, &made);
  if (outcome != 0 || !made) {
    say(text, capacity, outcome != 0 ? recognizer->reason(outcome) : "no transcript was made");
    return -1;
  }
  size_t length = 0;
  for (uint64_t i = 0; i < made->line_count; i++) {
    const char *line = made->lines[i].text;
    if (!line || !*line) continue;
    int added = snprintf(text + length, capacity - length, "%s%s", length > 0 ? " " : "", line);
    if (added < 0) break;
    length += (size_t)added;
    if (length >= capacity) return (ptrdiff_t)(capacity - 1);
  }
  return (ptrdiff_t)length;
}
