// AudioCodecs: bytes of audio, as peers and files hold them, to mono samples at one rate.
//
//   a message's bytes ─► IncomingAudioDecoder ─► sniff ─┬─► RawStream (PCM16, µ-law, A-law)
//                            │                          ├─► WAVStream
//                            │                          ├─► MP3Stream      libmpg123
//                            │                          ├─► OggOpusStream, OpusPacketStream  libogg, libopus
//                            │                          └─► WebMOpusStream ◄── Core's WebMReader, libopus
//                            └─► ResampledOutput ─► samples ─► PlayoutBuffer
//
//   samples ─► AudioEncoder (PCM, µ-law, WAV, MP3 by libsndfile, Opus, Ogg/Opus) ─► a message's bytes
//
//   a file's path ─► AudioFile ─► libsndfile ─► samples        samples ─► AudioFileWriter ─► WAV
//
// Nothing here has a thread of its own. No call traps, whatever the bytes are; what is kept inside is bounded.
