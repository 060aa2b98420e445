/* libopus and libogg: Opus packets, alone and in Ogg streams that may be cut anywhere.
   Why a shim: opus_encoder_ctl is variadic and not imported. */
#ifndef COPUS_SHIM_H
#define COPUS_SHIM_H
#if !__has_include(<opus/opus.h>) || !__has_include(<ogg/ogg.h>)
#error "Opus headers not found: apt-get install libopus-dev libogg-dev"
#else
#include <opus/opus.h>
#include <opus/opus_multistream.h>
#include <ogg/ogg.h>

/* 0, or the library's error. expected_loss is a percentage of packets; 0 sends no redundancy. */
static inline int copus_encoder_configure(
    OpusEncoder *encoder, opus_int32 bit_rate, opus_int32 uses_dtx, opus_int32 expected_loss) {
  int error = opus_encoder_ctl(encoder, OPUS_SET_BITRATE(bit_rate));
  if (error == OPUS_OK) error = opus_encoder_ctl(encoder, OPUS_SET_DTX(uses_dtx));
  if (error == OPUS_OK) error = opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(expected_loss > 0));
  if (error == OPUS_OK) error = opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(expected_loss));
  return error;
}

/* Samples by which what is decoded is behind what was encoded. */
static inline opus_int32 copus_encoder_lookahead(OpusEncoder *encoder) {
  opus_int32 samples = 0;
  return opus_encoder_ctl(encoder, OPUS_GET_LOOKAHEAD(&samples)) == OPUS_OK ? samples : 0;
}
#endif
#endif
