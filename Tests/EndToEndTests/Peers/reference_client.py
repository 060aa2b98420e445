"""The plainest voice client there is, Python `websockets`: the user's audio goes out as binary messages, and what comes back is
told apart by its type alone, bytes being audio and text being JSON about it. It asks for nothing and knows no format.

Arguments: URL, a 16 kHz WAV file, a file that the answer's bytes are written to.
"""

import asyncio, json, sys, wave
import websockets

url, path, answer = sys.argv[1:4]


async def send(ws):
    with wave.open(path) as file:
        pcm = file.readframes(file.getnframes()) + bytes(32000)
    for start in range(0, len(pcm), 640):
        await ws.send(pcm[start:start + 640])
        await asyncio.sleep(0.02)


async def main():
    async with websockets.connect(url) as ws:
        ready = json.loads(await ws.recv())
        out = ready["audio"]["out"]
        print("ready", out["format"], out["rate"], out.get("binary"), ready["audio"]["in"].get("binary"))
        speaking = asyncio.create_task(send(ws))
        audio, words = bytearray(), ""
        while True:
            message = await asyncio.wait_for(ws.recv(), 60)
            if isinstance(message, bytes):
                audio += message
                continue
            event = json.loads(message)
            if event["type"] == "transcript_final":
                print("final", event["text"])
            elif event["type"] == "response_text":
                words += event["text"]
            elif event["type"] in ("audio", "error"):
                print("unexpected", message[:200])
            elif event["type"] == "response_complete":
                break
        print("words", bool(words))
        print("whole samples", len(audio) % 2 == 0)
        with open(answer, "wb") as file:
            file.write(audio)
        await speaking
    print("done", flush=True)


asyncio.run(main())
