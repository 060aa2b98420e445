"""A server that sends a second of a 440 Hz tone as servers in the field do, right or wrong. Python `websockets`; prints its port.

The path says how: /FORM/DECLARED, FORM being how the bytes are coded (and, with `binary-` before it, sent as binary
messages), DECLARED the `format` of each message, `-` for none; `_` stands for a blank and `~` for a slash. Other paths:
/rate/VALUE (the JSON of `rate`; the samples are at 24 kHz), /dress/NAME (base64), /json-binary, /emoji, /bullet, /mp3-after-cut,
/wordless, and /binary/FORM for binary messages without any JSON but them (dialect pcm).
Argument: the folder with tone.mp3 and tone.opus.
"""

import asyncio, audioop, base64, json, math, os, random, struct, sys
import websockets

FOLDER = sys.argv[1]


def wave_of(rate, ms=1000, hertz=440):
    return [12000 / 32768 * math.sin(2 * math.pi * hertz * n / rate) for n in range(rate * ms // 1000)]


def pcm16(rate=16000, ms=1000):
    return b"".join(struct.pack("<h", int(v * 32767)) for v in wave_of(rate, ms))


def swapped(data, width):
    return b"".join(data[i:i + width][::-1] for i in range(0, len(data), width))


def file(name):
    with open(os.path.join(FOLDER, name), "rb") as stream:
        return stream.read()


def opus_packets():
    """The audio packets of tone.opus: what is left when the Ogg pages are taken away."""
    data, at, packets, part = file("tone.opus"), 0, [], b""
    while at < len(data):
        lacing = data[at + 27:at + 27 + data[at + 26]]
        at += 27 + len(lacing)
        for length in lacing:
            part += data[at:at + length]
            at += length
            if length < 255:
                packets.append(part)
                part = b""
    return [packet for packet in packets if packet[:4] != b"Opus"]


def cut(data, size):
    return [data[start:start + size] for start in range(0, len(data), size)]


def wav(data, rate, size):
    return (b"RIFF" + struct.pack("<I", size) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
            + b"data" + struct.pack("<I", size) + data)


def forms(name):
    """(messages, rate) of a form."""
    s16 = pcm16()
    f32 = struct.pack("<16000f", *wave_of(16000))
    s24 = b"".join(struct.pack("<i", int(v * 8388607))[:3] for v in wave_of(16000))
    s32 = b"".join(struct.pack("<i", int(v * 2147483000)) for v in wave_of(16000))
    chance = random.Random(7)
    made = {
        "pcm16": s16, "float32": f32, "float32be": swapped(f32, 4), "float64": struct.pack("<16000d", *wave_of(16000)),
        "pcm24": s24, "pcm32": s32, "pcm16be": swapped(s16, 2), "pcm8": bytes(int(v * 127) + 128 for v in wave_of(16000)),
        "mulaw": audioop.lin2ulaw(pcm16(8000), 2), "alaw": audioop.lin2alaw(pcm16(8000), 2),
        "stereo": audioop.tostereo(s16, 2, 1, 1), "noise": bytes(chance.randrange(256) for _ in range(32000)),
        "aac": (b"\xff\xf1\x50\x80\x0c\x9f\xfc" + bytes(chance.randrange(256) for _ in range(93))) * 80,
        "mp4": b"\0\0\0\x1cftypiso5" + bytes(chance.randrange(256) for _ in range(30000)),
        "flac": b"fLaC" + bytes(chance.randrange(256) for _ in range(30000)),
        "mp3": file("tone.mp3"), "opus": file("tone.opus"), "junk-opus": b"\r\njunk\r\n" + file("tone.opus"),
        "bom-mp3": b"\xef\xbb\xbf" + file("tone.mp3"),
        "id3-mp3": b"ID3\x03\x00\x00\x00\x00\x01\x00" + bytes(128) + file("tone.mp3"),
        "wav0": wav(s16, 16000, 0), "wavff": wav(s16, 16000, 0xFFFFFFFF),
    }
    if name == "packets":
        return opus_packets(), None
    return cut(made[name], 961 if name in ("mp3", "opus") else 960), 8000 if name in ("mulaw", "alaw") else None


def dressed(name, data):
    plain = base64.b64encode(data).decode()
    return {
        "plain": plain, "url": base64.urlsafe_b64encode(data).decode(), "bare": plain.rstrip("="),
        "wrapped": "\r\n".join(plain[i:i + 76] for i in range(0, len(plain), 76)),
        "uri": "data:audio/pcm;rate=16000;base64," + plain, "broken": plain[:9] + "*" + plain[10:],
    }[name]


def audio(data, **fields):
    return {"type": "audio", "data": base64.b64encode(data).decode(), **fields}


async def talk(ws):
    words = (getattr(ws, "path", None) or ws.request.path).strip("/").split("/")
    kind, value = words[0], (words[1] if len(words) > 1 else "-").replace("_", " ").replace("~", "/")

    async def say(message):
        text = json.dumps(message)
        await ws.send(text.encode() if kind == "json-binary" else text)

    if kind == "binary":
        for part in forms(words[1])[0]:
            await ws.send(part)
        return await ws.wait_closed()
    await say({"type": "ready", "sessionId": "field"})
    if kind == "emoji":
        for delta in ("It is ", "sunny \ud83d", "\ude00 today", " and \udc00 lone."):
            await say({"type": "response_text", "text": delta})
        kind = "pcm16"
    elif kind == "bullet":
        for delta in ("Hello there. ", "•", " How are you?", "• Fine."):
            await say({"type": "response_text", "text": delta})
        kind = "pcm16"
    elif kind == "wordless":
        kind = "pcm16"
    else:
        await say({"type": "response_text", "text": "A second."})
    if kind == "rate":
        for part in cut(pcm16(24000), 960):
            text = json.dumps(audio(part))[:-1] + ', "rate": ' + value.replace("'", '"') + "}"
            await ws.send(text)
    elif kind == "dress":
        for part in cut(pcm16(), 958):
            await say({"type": "audio", "data": dressed(value, part)})
    elif kind == "json-binary":
        for part in cut(pcm16(), 3200):
            await say(audio(part))
    elif kind == "mp3-after-cut":
        # The server says interrupted by itself, and goes on in the middle of the sentence's MP3.
        parts = cut(file("tone.mp3"), 700)
        for part in parts[:3]:
            await say(audio(part))
        await say({"type": "interrupted"})
        for part in parts[3:]:
            await say(audio(part))
    else:
        isBinary = kind.startswith("binary-")
        parts, rate = forms(kind.removeprefix("binary-"))
        for part in parts:
            fields = {} if value == "-" else {"format": value}
            if rate and value != "-":
                fields["rate"] = rate
            if isBinary:
                await ws.send(part)
            else:
                await say(audio(part, **fields))
    await say({"type": "response_complete"})
    await ws.wait_closed()


async def main():
    async with websockets.serve(talk, "127.0.0.1", 0, max_size=None) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
