"""A voice server that says what it is told, and tells what it hears. Python `websockets`; prints its port.

Its arguments are said one after the other as soon as a client is there, each a text message as it stands but for:

    tone MS HERTZ      so much of a tone at 16 kHz, in messages of 100 ms
    binary HEX         a binary message
    pause MS           nothing, for so long

Each message of the client but its microphone's audio is answered by `{"type":"heard","text":…}`, or by
`{"type":"heard","hex":…}` if it is binary.
"""

import asyncio, base64, json, math, struct, sys
import websockets


def tone(milliseconds, hertz):
    return b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * n / 16000)))
                    for n in range(16 * milliseconds))


async def say(ws, act):
    words = act.split(" ")
    if words[0] == "tone":
        samples = tone(int(words[1]), int(words[2]))
        for start in range(0, len(samples), 3200):
            data = base64.b64encode(samples[start:start + 3200]).decode()
            await ws.send(json.dumps({"type": "audio", "data": data}))
    elif words[0] == "pause":
        await asyncio.sleep(int(words[1]) / 1000)
    elif words[0] == "binary":
        await ws.send(bytes.fromhex(words[1]))
    else:
        await ws.send(act)


async def talk(ws, path):
    await ws.send(json.dumps({"type": "ready", "sessionId": "s_script"}))
    for act in sys.argv[1:]:
        await say(ws, act)
    try:
        async for message in ws:
            if isinstance(message, bytes):
                await ws.send(json.dumps({"type": "heard", "hex": message.hex()}))
            elif not message.startswith('{"audio"'):
                await ws.send(json.dumps({"type": "heard", "text": message}))
    except websockets.ConnectionClosed:
        pass


async def main():
    async with websockets.serve(talk, "127.0.0.1", 0, max_size=None) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
