/* An ALSA PCM that keeps time like a sound card, for machines that have none.

     pcm.x { type sidetone  control FILE  [infile FILE] [outfile FILE]
             [rate N] [channels N] [format S16_LE|S32_LE] [ppm N] [latency_ms N]
             [echo_permille N] [echo_ms N] [heardfile FILE] [journal FILE] [server NAME] }

   capture    the n-th frame of `infile` arrives n/rate after the start; after its end comes silence
   playback   a frame is in `outfile` when its moment has come: what was dropped before is not there
   ppm        how much faster than CLOCK_MONOTONIC the card's clock runs
   latency_ms what lies behind the buffer: converters, a Bluetooth link
   echo       the microphone hears the speaker (16 bit only): so loud, so much later, and once more off a wall
   heardfile  gets every frame that the microphone gave, silence and echo included
   journal    gets a line whenever a direction is started: which, the moment in ns on CLOCK_MONOTONIC, and how many
              frames its recording (`heardfile`, `outfile`) has before the one of that moment
   server     says of itself what ALSA's plugin for this sound server says
   control    a page shared with the test, see `struct control`

   Not a copy of a real driver: one process opens it once per direction. */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Shared with the test, which maps the same file. Keep in step with VirtualSoundCard.Word. */
struct control {
  _Atomic int64_t unplugged;       /* != 0: the card is gone */
  _Atomic int64_t busy;            /* != 0: another program has it */
  _Atomic int64_t frozen;          /* != 0: its clock stands still */
  _Atomic int64_t capture_xruns;   /* how many overruns are still to be made */
  _Atomic int64_t playback_xruns;  /* how many underruns are still to be made */
  _Atomic int64_t captured;        /* frames read */
  _Atomic int64_t played;          /* frames that left the speaker */
  _Atomic int64_t last_sound;      /* CLOCK_MONOTONIC ns when the last frame that is not silent was heard */
  _Atomic int64_t opened;          /* how often it was opened */
  /* The sound in the room, by the card's time in frames. The speaker writes ahead of where the microphone reads. */
  int32_t room[1 << 16];
};

struct card {
  snd_pcm_ioplug_t io;
  struct control *control;
  int timer, infile, outfile, heardfile, journal;
  long rate, channels, ppm, latency_ms, echo_permille, echo_ms;
  snd_pcm_format_t format;
  size_t frame_bytes;
  snd_pcm_uframes_t boundary;
  int64_t started;                 /* ns; the moment of frame `base` */
  int64_t origin;                  /* the same moment in the room, in frames */
  snd_pcm_uframes_t base;          /* the pointer when the card was started */
  /* Playback: what was written and not yet played, a ring of io.buffer_size frames. */
  char *queue, *server;
  snd_pcm_uframes_t written, played;
  snd_pcm_uframes_t sounding;      /* up to where the room has it */
  int is_running;
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double frames_per_ns(struct card *card) { return card->io.rate * (1 + card->ppm * 1e-6) / 1e9; }

static void set_timer(struct card *card, int64_t first_ns, int64_t every_ns) {
  struct itimerspec it = {
      {every_ns / 1000000000, every_ns % 1000000000},
      {first_ns / 1000000000, first_ns % 1000000000},
  };
  timerfd_settime(card->timer, 0, &it, NULL);
}

/* Puts the frames up to position `end` into the file, and notes when the last sound was heard. */
static void play(struct card *card, snd_pcm_uframes_t end) {
  if (end > card->written) end = card->written;
  while (card->played < end) {
    snd_pcm_uframes_t index = card->played % card->io.buffer_size;
    snd_pcm_uframes_t n = end - card->played;
    if (n > card->io.buffer_size - index) n = card->io.buffer_size - index;
    const char *frames = card->queue + index * card->frame_bytes;
    if (card->outfile >= 0 && write(card->outfile, frames, n * card->frame_bytes) < 0) return;
    for (snd_pcm_uframes_t i = n; i-- > 0;) {
      size_t b = 0;
      while (b < card->frame_bytes && frames[i * card->frame_bytes + b] == 0) b++;
      if (b == card->frame_bytes) continue;
      int64_t at = card->started + (int64_t)((card->played + i + 1) / frames_per_ns(card));
      card->control->last_sound = at + card->latency_ms * 1000000;
      break;
    }
    card->played += n;
    card->control->played += n;
  }
}

static int32_t *room_at(struct card *card, int64_t frame) { return &card->control->room[frame & 0xffff]; }

/* Frames [from, to) will be heard in the room, or (sign -1) will not be after all. */
static void sound(struct card *card, snd_pcm_uframes_t from, snd_pcm_uframes_t to, int sign) {
  if (!card->echo_permille || card->format != SND_PCM_FORMAT_S16_LE) return;
  int64_t delay = (card->echo_ms + card->latency_ms) * card->io.rate / 1000, wall = 11 * card->io.rate / 1000;
  for (; from < to; from++) {
    int16_t *frame = (int16_t *)(card->queue + (from % card->io.buffer_size) * card->frame_bytes);
    int32_t level = sign * *frame * card->echo_permille / 1000;
    *room_at(card, card->origin + (int64_t)from + delay) += level;
    *room_at(card, card->origin + (int64_t)from + delay + wall) += level * 2 / 5;
  }
}

/* What the microphone hears of the room, once. */
static void hear(struct card *card, char *frames, snd_pcm_uframes_t position, snd_pcm_uframes_t count) {
  if (!card->echo_permille || card->format != SND_PCM_FORMAT_S16_LE) return;
  for (snd_pcm_uframes_t i = 0; i < count; i++) {
    int32_t *heard = room_at(card, card->origin + (int64_t)(position + i - card->base));
    int16_t *frame = (int16_t *)(frames + i * card->frame_bytes);
    for (unsigned c = 0; c < card->io.channels; c++) {
      int32_t sum = frame[c] + *heard;
      frame[c] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
    }
    *heard = 0;
  }
}

/* Where the recording that begins now lies in its file, and when. */
static void note_start(struct card *card) {
  int is_playback = card->io.stream == SND_PCM_STREAM_PLAYBACK, file = is_playback ? card->outfile : card->heardfile;
  if (card->journal < 0 || file < 0) return;
  off_t bytes = lseek(file, 0, SEEK_END);
  dprintf(card->journal, "%s %lld %lld\n", is_playback ? "speaker" : "microphone", (long long)card->started,
          (long long)(bytes / (off_t)card->frame_bytes));
}

static int card_start(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  if (card->control->unplugged) return -ENODEV;
  card->started = now_ns();
  note_start(card);
  card->origin = (int64_t)(card->started * frames_per_ns(card));
  card->base = io->hw_ptr;
  card->is_running = 1;
  if (io->stream == SND_PCM_STREAM_PLAYBACK) {
    sound(card, 0, card->written, 1);
    card->sounding = card->written;
  }
  int64_t period = (int64_t)(io->period_size / frames_per_ns(card));
  set_timer(card, period, period);
  return 0;
}

/* Also the way a program drops what it has written: that was never heard. */
static int card_stop(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  set_timer(card, 0, 0);
  if (card->is_running && io->stream == SND_PCM_STREAM_PLAYBACK) {
    snd_pcm_uframes_t gone = (snd_pcm_uframes_t)((now_ns() - card->started) * frames_per_ns(card));
    play(card, gone); /* heard since the pointer was asked for last */
    if (gone < card->sounding) sound(card, gone, card->sounding, -1);
  }
  card->is_running = 0;
  return 0;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  int is_playback = io->stream == SND_PCM_STREAM_PLAYBACK;
  _Atomic int64_t *xruns = is_playback ? &card->control->playback_xruns : &card->control->capture_xruns;
  if (card->control->unplugged) {
    /* Not by a negative pointer: alsa-lib takes any for an xrun. */
    snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
    return io->hw_ptr % card->boundary;
  }
  if (io->state != SND_PCM_STATE_RUNNING && io->state != SND_PCM_STATE_DRAINING) return io->hw_ptr % card->boundary;
  if (card->control->frozen) return io->hw_ptr % card->boundary;
  if (*xruns > 0) {
    (*xruns)--;
    if (is_playback) play(card, card->written); /* an underrun: all of it was heard, and then nothing */
    return -EPIPE;
  }
  snd_pcm_uframes_t gone = (snd_pcm_uframes_t)((now_ns() - card->started) * frames_per_ns(card));
  snd_pcm_uframes_t pointer = card->base + gone;
  if (is_playback) {
    play(card, gone);
    if (gone >= card->written) {
      if (io->state != SND_PCM_STATE_DRAINING) return -EPIPE;
      pointer = io->appl_ptr;
    }
  } else if (pointer - io->appl_ptr >= io->buffer_size) {
    return -EPIPE;
  }
  return pointer % card->boundary;
}

static snd_pcm_sframes_t card_transfer(
    snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t count) {
  struct card *card = io->private_data;
  char *frames = (char *)areas[0].addr + (areas[0].first + areas[0].step * offset) / 8;
  if (io->stream == SND_PCM_STREAM_PLAYBACK) {
    for (snd_pcm_uframes_t i = 0; i < count; i++, card->written++)
      memcpy(
          card->queue + (card->written % io->buffer_size) * card->frame_bytes, frames + i * card->frame_bytes,
          card->frame_bytes);
    if (card->is_running) {
      sound(card, card->sounding, card->written, 1);
      card->sounding = card->written;
    }
    return count;
  }
  size_t wanted = count * card->frame_bytes, got = 0;
  ssize_t n;
  while (card->infile >= 0 && got < wanted && (n = read(card->infile, frames + got, wanted - got)) > 0) got += n;
  memset(frames + got, 0, wanted - got);
  hear(card, frames, io->appl_ptr, count);
  if (card->heardfile >= 0 && write(card->heardfile, frames, wanted) < 0) return -EIO;
  card->control->captured += count;
  return count;
}

static int card_prepare(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  if (card->control->unplugged) return -ENODEV;
  card->written = card->played = card->sounding = 0;
  card->is_running = 0;
  free(card->queue);
  card->queue = calloc(io->buffer_size, card->frame_bytes);
  /* A playback device can be written to before it runs, so it must be ready to be polled. */
  set_timer(card, io->stream == SND_PCM_STREAM_PLAYBACK ? 1 : 0, 0);
  return card->queue ? 0 : -ENOMEM;
}

static int card_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params) {
  struct card *card = io->private_data;
  (void)params;
  card->frame_bytes = snd_pcm_format_physical_width(io->format) / 8 * io->channels;
  return 0;
}

static int card_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
  struct card *card = io->private_data;
  return snd_pcm_sw_params_get_boundary(params, &card->boundary);
}

static int card_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *revents) {
  struct card *card = io->private_data;
  unsigned short ready = io->stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
  uint64_t ticks;
  (void)count;
  if ((fds[0].revents & POLLIN) && io->state != SND_PCM_STATE_PREPARED) (void)!read(card->timer, &ticks, 8);
  snd_pcm_sw_params_t *params;
  snd_pcm_sw_params_alloca(&params);
  snd_pcm_sw_params_current(io->pcm, params);
  snd_pcm_uframes_t wanted = 1;
  snd_pcm_sw_params_get_avail_min(params, &wanted);
  snd_pcm_sframes_t available = snd_pcm_avail_update(io->pcm);
  *revents = available < 0 ? POLLERR | ready : (snd_pcm_uframes_t)available >= wanted ? ready : 0;
  return 0;
}

static int card_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay) {
  struct card *card = io->private_data;
  snd_pcm_sframes_t available = snd_pcm_avail_update(io->pcm);
  if (available < 0) return available;
  int is_playback = io->stream == SND_PCM_STREAM_PLAYBACK;
  *delay = is_playback ? (snd_pcm_sframes_t)io->buffer_size - available : available;
  *delay += card->latency_ms * (long)io->rate / 1000;
  return 0;
}

static int card_close(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  if (card->infile >= 0) close(card->infile);
  if (card->outfile >= 0) close(card->outfile);
  if (card->heardfile >= 0) close(card->heardfile);
  if (card->journal >= 0) close(card->journal);
  if (card->timer >= 0) close(card->timer);
  if (card->control) munmap(card->control, sizeof(struct control));
  free(card->queue);
  free(card->server);
  free(card);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = card_start,
    .stop = card_stop,
    .pointer = card_pointer,
    .transfer = card_transfer,
    .prepare = card_prepare,
    .hw_params = card_hw_params,
    .sw_params = card_sw_params,
    .poll_revents = card_revents,
    .delay = card_delay,
    .close = card_close,
};

static int fail(struct card *card, int error) {
  card->io.private_data = card;
  card_close(&card->io);
  return error;
}

SND_PCM_PLUGIN_DEFINE_FUNC(sidetone) {
  struct card *card = calloc(1, sizeof *card);
  if (!card) return -ENOMEM;
  card->infile = card->outfile = card->heardfile = card->journal = card->timer = -1;
  card->boundary = 1UL << 62;
  card->format = SND_PCM_FORMAT_S16_LE;
  const char *infile = NULL, *outfile = NULL, *heardfile = NULL, *journal = NULL, *control = NULL, *text;
  snd_config_iterator_t i, next;
  snd_config_for_each(i, next, conf) {
    snd_config_t *node = snd_config_iterator_entry(i);
    const char *id;
    if (snd_config_get_id(node, &id) < 0) continue;
    if (!strcmp(id, "comment") || !strcmp(id, "type") || !strcmp(id, "hint")) continue;
    if (!strcmp(id, "infile") && !snd_config_get_string(node, &infile)) continue;
    if (!strcmp(id, "outfile") && !snd_config_get_string(node, &outfile)) continue;
    if (!strcmp(id, "heardfile") && !snd_config_get_string(node, &heardfile)) continue;
    if (!strcmp(id, "journal") && !snd_config_get_string(node, &journal)) continue;
    if (!strcmp(id, "control") && !snd_config_get_string(node, &control)) continue;
    if (!strcmp(id, "rate") && !snd_config_get_integer(node, &card->rate)) continue;
    if (!strcmp(id, "channels") && !snd_config_get_integer(node, &card->channels)) continue;
    if (!strcmp(id, "ppm") && !snd_config_get_integer(node, &card->ppm)) continue;
    if (!strcmp(id, "latency_ms") && !snd_config_get_integer(node, &card->latency_ms)) continue;
    if (!strcmp(id, "echo_permille") && !snd_config_get_integer(node, &card->echo_permille)) continue;
    if (!strcmp(id, "echo_ms") && !snd_config_get_integer(node, &card->echo_ms)) continue;
    if (!strcmp(id, "format") && !snd_config_get_string(node, &text)) {
      card->format = snd_pcm_format_value(text);
      continue;
    }
    if (!strcmp(id, "server") && !snd_config_get_string(node, &text)) {
      if (asprintf(&card->server, "ALSA <-> %s PCM I/O Plugin", text) < 0) return fail(card, -ENOMEM);
      continue;
    }
    SNDERR("sidetone: unknown or wrong field %s", id);
    return fail(card, -EINVAL);
  }
  int fd = control ? open(control, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return fail(card, -EINVAL);
  card->control = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (card->control == MAP_FAILED) {
    card->control = NULL;
    return fail(card, -ENOMEM);
  }
  /* As a real card says it: gone is "no such file", taken is "busy". */
  if (card->control->unplugged) return fail(card, -ENOENT);
  if (card->control->busy) return fail(card, -EBUSY);
  if (stream == SND_PCM_STREAM_CAPTURE && infile && (card->infile = open(infile, O_RDONLY | O_CLOEXEC)) < 0)
    return fail(card, -errno);
  int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  if (stream == SND_PCM_STREAM_PLAYBACK && outfile && (card->outfile = open(outfile, flags, 0644)) < 0)
    return fail(card, -errno);
  if (stream == SND_PCM_STREAM_CAPTURE && heardfile && (card->heardfile = open(heardfile, flags, 0644)) < 0)
    return fail(card, -errno);
  if (journal && (card->journal = open(journal, flags, 0644)) < 0) return fail(card, -errno);
  card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (card->timer < 0) return fail(card, -errno);

  card->io.version = SND_PCM_IOPLUG_VERSION;
  card->io.name = card->server ? card->server : "sidetone virtual sound card";
  card->io.callback = &callbacks;
  card->io.private_data = card;
  card->io.poll_fd = card->timer;
  card->io.poll_events = POLLIN;
  card->io.mmap_rw = 0;
  card->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
  int error = snd_pcm_ioplug_create(&card->io, name, stream, mode);
  if (error < 0) return fail(card, error);

  unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
  unsigned formats[] = {card->format};
  unsigned least = card->rate ? card->rate : 8000, most = card->rate ? card->rate : 48000;
  unsigned few = card->channels ? card->channels : 1, many = card->channels ? card->channels : 2;
  if ((error = snd_pcm_ioplug_set_param_list(&card->io, SND_PCM_IOPLUG_HW_ACCESS, 2, access)) < 0 ||
      (error = snd_pcm_ioplug_set_param_list(&card->io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats)) < 0 ||
      (error = snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_CHANNELS, few, many)) < 0 ||
      (error = snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_RATE, least, most)) < 0 ||
      (error = snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 65536)) < 0 ||
      (error = snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_PERIODS, 2, 64)) < 0) {
    snd_pcm_ioplug_delete(&card->io); /* closes the card too */
    return error;
  }
  card->control->opened++;
  *pcmp = card->io.pcm;
  return 0;
}
SND_PCM_PLUGIN_SYMBOL(sidetone);
