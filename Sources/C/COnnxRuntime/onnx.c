#include "onnx.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* onnxruntime_c_api.h: OrtApiBase has GetApi and GetVersionString, in this order. GetApi(n) gives the table that version
   n of the interface knows, or NULL when the library is older. 17 is from ONNX Runtime 1.17. */
typedef struct {
  const void *(*get_api)(uint32_t version);
  const char *(*version)(void);
} api_base;
enum { api_version = 17 };

/* Places in OrtApi. A place that was given out is never moved. */
enum {
  at_error_message = 2, at_create_env = 3, at_create_session = 7, at_run = 9, at_create_options = 10,
  at_no_pattern = 17,
  at_intra_threads = 24, at_inter_threads = 25, at_create_tensor = 49, at_tensor_data = 51, at_element_type = 60,
  at_element_count = 64, at_type_and_shape = 65, at_cpu_memory = 69, at_free_status = 93, at_free_session = 95,
  at_free_value = 96, at_free_type_and_shape = 99, at_free_options = 100
};

typedef struct status status;
typedef struct options options;
typedef struct shape_info shape_info;

struct onnx_runtime {
  void *const *api;
  void *environment;
  void *memory;
  const char *version;
};
struct onnx_model {
  const onnx_runtime *runtime;
  void *session;
};

#define CALL(runtime, place, ...) ((status * (*)(__VA_ARGS__))(runtime)->api[place])

static void say(char *error, size_t capacity, const char *text) {
  if (capacity > 0) snprintf(error, capacity, "%s", text ? text : "no reason is told");
}

/* Whether a call has failed: then its reason is told, and freed. */
static int failed(const onnx_runtime *runtime, status *outcome, char *error, size_t capacity) {
  if (!outcome) return 0;
  say(error, capacity, ((const char *(*)(const status *))runtime->api[at_error_message])(outcome));
  ((void (*)(status *))runtime->api[at_free_status])(outcome);
  return 1;
}

onnx_runtime *onnx_open(const char *path, char *error, size_t capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    say(error, capacity, dlerror());
    return NULL;
  }
  const api_base *(*base)(void) = (const api_base *(*)(void))dlsym(library, "OrtGetApiBase");
  const api_base *found = base ? base() : NULL;
  void *const *api = found ? (void *const *)found->get_api(api_version) : NULL;
  onnx_runtime *runtime = api ? calloc(1, sizeof *runtime) : NULL;
  if (!runtime) {
    say(error, capacity, api ? "out of memory" : "it is no ONNX Runtime of version 1.17 or later");
    return NULL;
  }
  runtime->api = api;
  runtime->version = found->version();
  enum { errors_only = 3, arena_allocator = 1, default_memory = 0 };
  if (failed(runtime, CALL(runtime, at_create_env, int, const char *, void **)(
                 errors_only, "sidetone", &runtime->environment), error, capacity)
      || failed(runtime, CALL(runtime, at_cpu_memory, int, int, void **)(
                    arena_allocator, default_memory, &runtime->memory), error, capacity)) {
    free(runtime);
    return NULL;
  }
  return runtime;
}

const char *onnx_version(const onnx_runtime *runtime) { return runtime->version; }

onnx_model *onnx_load(onnx_runtime *runtime, const char *path, char *error, size_t capacity) {
  options *settings = NULL;
  if (failed(runtime, CALL(runtime, at_create_options, options **)(&settings), error, capacity)) return NULL;
  void *session = NULL;
  int is_failed =
      failed(runtime, CALL(runtime, at_intra_threads, options *, int)(settings, 1), error, capacity)
      || failed(runtime, CALL(runtime, at_inter_threads, options *, int)(settings, 1), error, capacity)
      /* Else it keeps memory for each length of input that it has seen: speech has a new one each time. */
      || failed(runtime, CALL(runtime, at_no_pattern, options *)(settings), error, capacity)
      || failed(runtime, CALL(runtime, at_create_session, const void *, const char *, const options *, void **)(
                    runtime->environment, path, settings, &session), error, capacity);
  ((void (*)(options *))runtime->api[at_free_options])(settings);
  if (is_failed) return NULL;
  onnx_model *model = calloc(1, sizeof *model);
  if (!model) {
    ((void (*)(void *))runtime->api[at_free_session])(session);
    say(error, capacity, "out of memory");
    return NULL;
  }
  model->runtime = runtime;
  model->session = session;
  return model;
}

void onnx_unload(onnx_model *model) {
  ((void (*)(void *))model->runtime->api[at_free_session])(model->session);
  free(model);
}

void onnx_free(const onnx_model *model, onnx_value *value) {
  if (value) ((void (*)(onnx_value *))model->runtime->api[at_free_value])(value);
}

enum { most_tensors = 8 };

int onnx_run(
    onnx_model *model, const onnx_input *inputs, size_t input_count, const char *const *output_names,
    onnx_value **outputs, size_t output_count, char *error, size_t capacity) {
  const onnx_runtime *runtime = model->runtime;
  const char *names[most_tensors];
  onnx_value *values[most_tensors] = {NULL};
  if (input_count > most_tensors || output_count > most_tensors) {
    say(error, capacity, "a model has more than 8 inputs or outputs");
    return -1;
  }
  int is_failed = 0;
  for (size_t i = 0; i < input_count && !is_failed; i++) {
    const onnx_input *input = &inputs[i];
    names[i] = input->name;
    size_t size = input->kind == onnx_float ? sizeof(float) : sizeof(int64_t);
    is_failed = failed(
        runtime,
        CALL(runtime, at_create_tensor, const void *, void *, size_t, const int64_t *, size_t, int, onnx_value **)(
            runtime->memory, input->elements, input->count * size, input->shape, input->rank, input->kind, &values[i]),
        error, capacity);
  }
  for (size_t i = 0; i < output_count; i++) outputs[i] = NULL;
  if (!is_failed)
    is_failed = failed(
        runtime,
        CALL(runtime, at_run, void *, const void *, const char *const *, const onnx_value *const *, size_t,
             const char *const *, size_t, onnx_value **)(
            model->session, NULL, names, (const onnx_value *const *)values, input_count, output_names, output_count,
            outputs),
        error, capacity);
  for (size_t i = 0; i < input_count; i++) onnx_free(model, values[i]);
  if (!is_failed) return 0;
  for (size_t i = 0; i < output_count; i++) {
    onnx_free(model, outputs[i]);
    outputs[i] = NULL;
  }
  return -1;
}

const float *onnx_floats(const onnx_model *model, onnx_value *value, size_t *count) {
  const onnx_runtime *runtime = model->runtime;
  shape_info *shape = NULL;
  char reason[1];
  *count = 0;
  if (failed(runtime, CALL(runtime, at_type_and_shape, const onnx_value *, shape_info **)(value, &shape), reason, 1))
    return NULL;
  int kind = 0;
  size_t elements = 0;
  float *data = NULL;
  int is_failed =
      failed(runtime, CALL(runtime, at_element_type, const shape_info *, int *)(shape, &kind), reason, 1)
      || failed(runtime, CALL(runtime, at_element_count, const shape_info *, size_t *)(shape, &elements), reason, 1)
      || kind != onnx_float
      || failed(runtime, CALL(runtime, at_tensor_data, onnx_value *, void **)(value, (void **)&data), reason, 1);
  ((void (*)(shape_info *))runtime->api[at_free_type_and_shape])(shape);
  if (is_failed) return NULL;
  *count = elements;
  return data;
}
