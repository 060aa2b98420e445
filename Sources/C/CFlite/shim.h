/* flite, and the voices that are linked in.
   Why a shim: the voices' register functions are declared in no header. */
#ifndef CFLITE_SHIM_H
#define CFLITE_SHIM_H
#if !__has_include(<flite/flite.h>)
#error "flite headers not found: apt-get install flite1-dev"
#else
#include <flite/flite.h>
extern cst_voice *register_cmu_us_slt(const char *voxdir);
extern cst_voice *register_cmu_us_rms(const char *voxdir);
extern cst_voice *register_cmu_us_awb(const char *voxdir);
extern cst_voice *register_cmu_us_kal16(const char *voxdir);
#endif
#endif
