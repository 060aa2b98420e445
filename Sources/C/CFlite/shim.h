/* flite, and its voices by their names.
   Why a shim: the voices' register functions are declared in no header, and a voice is half a megabyte of pointers, each
   of which the dynamic linker sets at the start of every program that is linked with it. */
#ifndef CFLITE_SHIM_H
#define CFLITE_SHIM_H
#if !__has_include(<flite/flite.h>)
#error "flite headers not found: apt-get install flite1-dev"
#else
#include <dlfcn.h>
#include <flite/flite.h>
#include <stdio.h>
/* Loads a voice (soname 1, as flite itself has it) for the rest of the process; NULL when it is not installed. */
static inline cst_voice *cflite_voice(const char *name) {
  char text[64];
  snprintf(text, sizeof text, "libflite_cmu_us_%s.so.1", name);
  void *library = dlopen(text, RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
  snprintf(text, sizeof text, "register_cmu_us_%s", name);
  cst_voice *(*make)(const char *) = (cst_voice *(*)(const char *))dlsym(library, text);
  return make ? make(NULL) : NULL;
}
#endif
#endif
