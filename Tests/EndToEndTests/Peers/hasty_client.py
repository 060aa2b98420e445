"""A client that sends twenty times as fast as it speaks and takes no notice of `pause`, Python `websockets`.

Arguments: URL, `json` or `binary`, 16 kHz WAV files, which are sent one after the other with a second of silence after each.
Prints every final transcript and every error, until there are as many transcripts as files.
"""

import asyncio, base64, json, sys, wave
import websockets

url, form, *paths = sys.argv[1:]


async def send(ws):
    for path in paths:
        with wave.open(path) as file:
            pcm = file.readframes(file.getnframes()) + bytes(32000)
        for start in range(0, len(pcm), 640):
            part = pcm[start:start + 640]
            await ws.send(part if form == "binary" else json.dumps({"type": "audio", "audio": base64.b64encode(part).decode()}))
            await asyncio.sleep(0.001)
    print("sent", flush=True)


async def main():
    finals = pauses = 0
    async with websockets.connect(url) as ws:
        speaking = asyncio.create_task(send(ws))
        while finals < len(paths):
            message = await asyncio.wait_for(ws.recv(), 120)
            if isinstance(message, bytes):
                continue
            event = json.loads(message)
            pauses += event["type"] == "pause"
            if event["type"] == "transcript_final":
                finals += 1
                print("final", event["text"], flush=True)
            elif event["type"] == "error":
                print("error", event["code"], event["message"], flush=True)
        await speaking
    print("paused", pauses > 0)
    print("done", flush=True)


asyncio.run(main())
