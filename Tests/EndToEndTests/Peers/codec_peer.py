"""Both seats of the dialect `voice` with a codec on the wire, Python `websockets`. FFmpeg encodes and decodes: its decoder of Opus
is its own.

  codec_peer.py serve CODEC FILE           agrees on the codec, writes what the user says to FILE and says it back
  codec_peer.py refuse                     a server that knows nothing of codecs: it counts what comes
  codec_peer.py connect CODEC URL QUESTION ANSWER
                                           asks for the codec both ways, says QUESTION (16 kHz) and writes what is answered to ANSWER
"""

import asyncio, audioop, json, sys, urllib.parse, wave
import av
import websockets


def frame(pcm, rate):
    made = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    made.sample_rate = rate
    made.planes[0].update(pcm)
    return made


def pcm_of(frames):
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
    return b"".join(bytes(out.planes[0])[:out.samples * 2] for one in frames for out in resampler.resample(one))


def encoded(codec, pcm):
    """The messages of a 16 kHz stretch."""
    if codec == "mulaw":
        narrow = pcm_8k(pcm)
        return [audioop.lin2ulaw(narrow[start:start + 320], 2) for start in range(0, len(narrow), 320)]
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout, encoder.bit_rate = 16000, "s16", "mono", 24000
    encoder.options = {"application": "voip", "frame_duration": "20"}
    padded = pcm + bytes(-len(pcm) % 640)
    packets = [packet for start in range(0, len(padded), 640) for packet in encoder.encode(frame(padded[start:start + 640], 16000))]
    return [bytes(packet) for packet in packets + encoder.encode(None)]


def pcm_8k(pcm):
    return audioop.ratecv(pcm, 2, 1, 16000, 8000, None)[0]


def decoded(codec, messages):
    if codec == "mulaw":
        return audioop.ratecv(audioop.ulaw2lin(b"".join(messages), 2), 2, 1, 8000, 16000, None)[0]
    decoder = av.CodecContext.create("opus", "r")
    decoder.sample_rate, decoder.layout = 48000, "mono"
    frames = [one for message in messages for one in decoder.decode(av.Packet(message))]
    return pcm_of(frames)


def write(path, pcm):
    with wave.open(path, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16000)
        file.writeframes(pcm)


def tell(kind, **fields):
    return json.dumps({"type": kind, **fields})


def form(codec):
    return {"format": codec, "rate": 8000 if codec == "mulaw" else 16000, "binary": True}


async def agent(ws, codec, path):
    query = urllib.parse.parse_qs(urllib.parse.urlparse(ws.path if hasattr(ws, "path") else ws.request.path).query)
    print("asked", query["audio"][0], query["audio_in"][0], flush=True)
    await ws.send(tell("ready", sessionId="codec", audio={"in": form(codec), "out": form(codec)}))
    heard = []
    async for message in ws:
        if isinstance(message, bytes):
            heard.append(message)
        elif json.loads(message)["type"] == "speech_end":
            break
    pcm = decoded(codec, heard)
    write(path, pcm)
    print("heard", len(heard), sum(map(len, heard)), len(pcm) // 32, flush=True)
    await ws.send(tell("transcript_final", text="as it was said"))
    await ws.send(tell("response_text", text="the same"))
    for message in encoded(codec, pcm):
        await ws.send(message)
    await ws.send(tell("response_complete"))
    await ws.wait_closed()


async def plain(ws):
    await ws.send(tell("ready", sessionId="plain"))
    async for message in ws:
        event = json.loads(message)
        if event["type"] == "speech_end":
            await ws.send(tell("transcript_final", text="plain"))
            await ws.send(tell("response_text", text="plain"))
            await ws.send(tell("response_complete"))
        elif event["type"] == "audio" and event.get("format", "pcm16") != "pcm16":
            print("unexpected", message[:200], flush=True)


async def serve(handle):
    async with websockets.serve(handle, "127.0.0.1", 0) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


async def connect(codec, url, question, answer):
    with wave.open(question) as file:
        messages = encoded(codec, file.readframes(file.getnframes()) + bytes(32000))
    async with websockets.connect(f"{url}?audio={codec},binary&audio_in={codec}") as ws:
        ready = json.loads(await ws.recv())["audio"]
        print("ready", ready["in"]["format"], ready["in"]["rate"], ready["out"]["format"], ready["out"]["rate"])

        async def speak():
            for message in messages:
                await ws.send(message)
                await asyncio.sleep(0.02)

        speaking, heard = asyncio.create_task(speak()), []
        while True:
            message = await asyncio.wait_for(ws.recv(), 60)
            if isinstance(message, bytes):
                heard.append(message)
                continue
            event = json.loads(message)
            if event["type"] in ("transcript_final", "error"):
                print(event["type"], event.get("text", event.get("message")))
            elif event["type"] == "response_complete":
                break
        await speaking
    pcm = decoded(codec, heard)
    write(answer, pcm)
    print("heard", len(heard), sum(map(len, heard)), len(pcm) // 32, flush=True)


role, *rest = sys.argv[1:]
if role == "serve":
    asyncio.run(serve(lambda ws, *_: agent(ws, *rest)))
elif role == "refuse":
    asyncio.run(serve(lambda ws, *_: plain(ws)))
else:
    asyncio.run(connect(*rest))
