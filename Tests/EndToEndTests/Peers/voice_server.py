"""A plain voice server, Python `websockets`: it knows `audio`, `interrupt` and `config`, and says `ready`,
`transcript_*`, `user_speech_end`, `audio`, `response_complete`, `interrupted`. Nothing else of the dialect.

The path says how it speaks: /FORMAT[/RATE] sends two seconds of a 440 Hz tone in that format, as soon as it is ready.
/agent answers the user instead: after a second of audio it has understood, and speaks until it is interrupted.
/echo is a bare PCM echo. Arguments: a folder with tone.mp3 and tone.opus; then a certificate and its key, if any.
"""

import asyncio, audioop, base64, io, json, math, ssl, struct, sys, wave
import websockets


def tone(rate, milliseconds=2000):
    return b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * 440 * n / rate)))
                    for n in range(rate * milliseconds // 1000))


def cut(data, size):
    return [data[start:start + size] for start in range(0, len(data), size)]


def wav(pcm, rate):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(rate)
        out.writeframes(pcm)
    return file.getvalue()


def message(data, **fields):
    return json.dumps({"type": "audio", "data": base64.b64encode(data).decode(), **fields})


def pieces(kind, rate, folder):
    """The messages of one response."""
    if kind == "pcm":
        return [message(part, rate=rate) for part in cut(tone(rate), rate // 10 * 2)]
    if kind == "ready-rate":
        return [message(part) for part in cut(tone(rate), rate // 10 * 2)]
    if kind == "binary":
        return cut(tone(rate), rate // 10 * 2)
    if kind == "wav":
        return [message(wav(part, rate)) for part in cut(tone(rate), rate // 2 * 2)]
    if kind == "ulaw":
        return [message(part, format="ulaw", rate=rate) for part in cut(audioop.lin2ulaw(tone(rate), 2), rate // 10)]
    with open(f"{folder}/tone.{kind}", "rb") as file:
        stream = file.read()
    # Cut where it hurts: a prime number of bytes, and the first bytes one by one.
    parts = cut(stream[:7], 1) + cut(stream[7:], 997)
    return parts if rate == 1 else [message(part) for part in parts]


async def tell(ws, kind, **fields):
    await ws.send(json.dumps({"type": kind, **fields}))


async def agent(ws):
    heard, speaking = 0, None

    async def speak():
        for part in cut(tone(16000, 20000), 3200):
            await ws.send(message(part))
            await asyncio.sleep(0.1)
        await tell(ws, "response_complete")

    async for text in ws:
        event = json.loads(text)
        if event["type"] == "audio":
            heard += len(base64.b64decode(event["audio"]))
            if heard >= 32000 and speaking is None:
                await tell(ws, "transcript_interim", text="plain")
                await tell(ws, "user_speech_end")
                await tell(ws, "transcript_final", text="plain peer heard you")
                speaking = asyncio.create_task(speak())
        elif event["type"] == "interrupt":
            print("interrupt", flush=True)
            if speaking:
                speaking.cancel()
            await tell(ws, "interrupted")
        elif event["type"] == "config":
            print("config", json.dumps(event, sort_keys=True), flush=True)
        # Everything else is not known here.


async def serve(ws, path):
    kind, _, rate = path.split("?")[0].strip("/").partition("/")
    try:
        if kind == "echo":
            async for data in ws:
                await ws.send(data)
            return
        rate = int(rate or 16000)
        ready = {"type": "ready", "sessionId": "plain"}
        if kind in ("ready-rate", "binary"):
            ready["audio"] = {"out": {"rate": rate}}
        await ws.send(json.dumps(ready))
        if kind == "agent":
            return await agent(ws)
        for piece in pieces(kind, rate, folder):
            await ws.send(piece)
        await tell(ws, "response_complete")
        await ws.wait_closed()
    except websockets.ConnectionClosed:
        pass


async def main(certificate=None, key=None):
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    async with websockets.serve(serve, "127.0.0.1", 0, ssl=context) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


folder = sys.argv[1]
asyncio.run(main(*sys.argv[2:]))
