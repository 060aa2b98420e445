"""A voice client, Python `websockets`, that knows the dialect from docs/protocol.md only.

Arguments: URL, TOKEN, a 16 kHz WAV file, `json` or `binary`. Speaks the file, interrupts a story, changes a setting, comes back.
"""

import asyncio, base64, json, sys, wave
import websockets

url, token, path, form = sys.argv[1:5]


class Client:
    def __init__(self, ws):
        self.ws, self.audio = ws, 0

    async def until(self, *kinds):
        """The next event of one of these types; audio on the way is counted."""
        while True:
            message = await asyncio.wait_for(self.ws.recv(), 60)
            event = {"type": "audio", "bytes": message} if isinstance(message, bytes) else json.loads(message)
            if event["type"] == "audio":
                self.audio += len(event.get("bytes") or base64.b64decode(event["data"]))
            if event["type"] in kinds:
                return event

    async def tell(self, kind, **fields):
        await self.ws.send(json.dumps({"type": kind, **fields}))

    async def speak(self, path):
        with wave.open(path) as file:
            pcm = file.readframes(file.getnframes()) + bytes(32000)
        for start in range(0, len(pcm), 640):
            part = pcm[start:start + 640]
            if form == "binary":
                await self.ws.send(part)
            else:
                await self.tell("audio", audio=base64.b64encode(part).decode())
            await asyncio.sleep(0.02)


async def main():
    for bad in [url, url + "?token=wrong"]:
        try:
            async with websockets.connect(bad):
                print("let in")
        except websockets.InvalidStatusCode as refusal:
            print("status", refusal.status_code)
    async with websockets.connect(url, extra_headers={"Authorization": "Bearer " + token}) as ws:
        client = Client(ws)
        ready = await client.until("ready")
        print("ready", ready["audio"]["in"]["rate"], ready.get("resumed", False))
        await client.tell("config", voice="rms", endpointing="snappy")
        print("config", (await client.until("config_applied", "error"))["type"])
        speaking = asyncio.create_task(client.speak(path))
        print("final", (await client.until("transcript_final"))["text"])
        print("text", bool((await client.until("response_text"))["text"]))
        await client.until("response_complete", "interrupted")
        print("audio", client.audio > 16000)
        await speaking
        await client.tell("text", text="tell me a story")
        await client.until("audio")
        await client.tell("interrupt")
        print("then", (await client.until("response_complete", "interrupted"))["type"])
        await client.ws.send("{broken")
        print("broken", (await client.until("error"))["type"])
    back = f"{url}?token={token}&session={ready['sessionId']}&token={ready['resumeToken']}"
    async with websockets.connect(back) as ws:
        client = Client(ws)
        again = await client.until("ready")
        print("again", again.get("resumed", False), again["sessionId"] == ready["sessionId"])
        await client.tell("text", text="what did I just say")
        words = ""
        while True:
            event = await client.until("response_text", "response_complete")
            if event["type"] == "response_complete":
                break
            words += event["text"]
        print("remembers", "story" in words.lower())
    print("done", flush=True)


asyncio.run(main())
