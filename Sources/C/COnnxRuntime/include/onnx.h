/* ONNX Runtime, as far as this program needs it: models that take and give tensors, on the processor, on one thread.
   Why a shim: the library is opened while the program runs, because it comes with the speech engines and may be absent.
   Its own header has 8,700 lines for some 400 calls; the 18 that are used here are reached by their place in its table,
   which the library promises never to change (docs/decisions/speech.md). */
#ifndef COnnxRuntime_onnx_h
#define COnnxRuntime_onnx_h
#include <stddef.h>
#include <stdint.h>

/* The library, open for the rest of the process. Used from any thread. */
typedef struct onnx_runtime onnx_runtime;
/* A model that is ready to run. Used from any thread; each run works on the thread that asks for it. */
typedef struct onnx_model onnx_model;
/* A tensor that a model has made. */
typedef struct onnx_value onnx_value;

/* The kinds of elements, with ONNX Runtime's own numbers. */
enum { onnx_float = 1, onnx_int64 = 7 };

/* A tensor that is given to a model: `count` elements at `elements`, which stay the caller's. `rank` 0: a single number. */
typedef struct {
  const char *name;
  int kind;
  void *elements;
  size_t count;
  const int64_t *shape;
  size_t rank;
} onnx_input;

/* Opens the library. NULL when that fails: then `error` says why, cut at `capacity` bytes, the last of them 0. */
onnx_runtime *onnx_open(const char *library, char *error, size_t capacity);
/* The library's version, as in "1.23.2". */
const char *onnx_version(const onnx_runtime *runtime);
/* Loads a model from a file. NULL when that fails, as above. */
onnx_model *onnx_load(onnx_runtime *runtime, const char *path, char *error, size_t capacity);
void onnx_unload(onnx_model *model);
/* Runs the model. Gives the outputs of those names; each is freed with `onnx_free`.
   0, or -1 when it fails, as above; then no output is given. */
int onnx_run(
    onnx_model *model, const onnx_input *inputs, size_t input_count, const char *const *output_names,
    onnx_value **outputs, size_t output_count, char *error, size_t capacity);
/* The elements of a float tensor, valid until it is freed; NULL when it is none. */
const float *onnx_floats(const onnx_model *model, onnx_value *value, size_t *count);
void onnx_free(const onnx_model *model, onnx_value *value);
#endif
