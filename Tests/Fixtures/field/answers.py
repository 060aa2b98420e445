"""Voice servers whose answers begin, end or overlap in ways that the protocol does not allow; by the path of the URL.

Standard output gets `port N` first. A tone tells the answers apart: 440 Hz is the first, 880 Hz what comes after it.

  /goes-on           says interrupted, and goes on with its sentence and the next, text and audio, for 4 s
  /unanswered        stops on interrupt, and says nothing about it; answers the typed turn that follows
  /overlapping       two answers at a time, by responseId; then response_complete three times, then interrupted
  /late-audio        response_complete, and 300 ms later the last half second
  /late-final        the final comes again 1 s after the answer, and is answered again
  /over-user         speaks for 6 s, whatever the user says
  /slow              paces its audio at 87 % of real time
  /pipe              binary PCM that nobody can interrupt: 4 s of it, 2 s of silence, and the next answer
"""

import asyncio, base64, json, math, struct
import websockets

RATE = 16000


def tone(ms, hertz):
    return b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * hertz * i / RATE))) for i in range(RATE * ms // 1000))


class Talk:
    def __init__(self, ws):
        self.ws = ws
        self.interrupted, self.typed = asyncio.Event(), asyncio.Event()
        self.heard = 0

    async def say(self, kind, **fields):
        await self.ws.send(json.dumps({"type": kind, **fields}))

    async def speak(self, ms, hertz, pace=1.0, until=None, **fields):
        """Audio in messages of 100 ms, in time; True when it was left at `until`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for i in range(ms // 100):
            await self.say("audio", data=base64.b64encode(tone(100, hertz)).decode(), **fields)
            await asyncio.sleep(max(0, began + (i + 1) * 0.1 / pace - loop.time()))
            if until and until.is_set():
                return True
        return False

    async def listen(self):
        async for message in self.ws:
            if isinstance(message, bytes):
                continue
            kind = json.loads(message)["type"]
            if kind == "interrupt":
                self.interrupted.set()
            elif kind == "text":
                self.typed.set()

    async def goes_on(self):
        await self.say("response_text", text="Once upon a time there was a dragon, ")
        await self.speak(20000, 440, until=self.interrupted)
        await self.say("interrupted")
        await self.speak(2000, 440)
        await self.say("response_text", text="who lived in a cave. ")
        await self.speak(2000, 440)
        await self.say("response_complete")
        await self.typed.wait()
        await self.answer()

    async def answer(self):
        await self.say("response_text", text="The second answer. ")
        await self.speak(1000, 880)
        await self.say("response_complete")

    async def unanswered(self):
        await self.say("response_text", text="A long answer. ")
        await self.speak(20000, 440, until=self.interrupted)
        await self.typed.wait()
        await self.answer()

    async def overlapping(self):
        await self.say("response_text", text="The first. ", responseId="r1")
        for i in range(15):
            await self.speak(100, 440, responseId="r1")
            if i == 3:
                await self.say("response_text", text="The second. ", responseId="r2")
            if i >= 3:
                await self.speak(100, 880, pace=1000, responseId="r2")
        for _ in range(3):
            await self.say("response_complete")
        await asyncio.sleep(3)
        await self.say("interrupted")

    async def late_audio(self):
        await self.say("response_text", text="It is noon. ")
        await self.speak(1000, 440)
        await self.say("response_complete")
        await asyncio.sleep(0.3)
        await self.speak(500, 440)

    async def late_final(self):
        for _ in range(2):
            await self.say("transcript_final", text="what time is it")
            await self.say("response_text", text="It is noon. ")
            await self.speak(500, 440)
            await self.say("response_complete")
            await asyncio.sleep(1)

    async def over_user(self):
        await self.say("response_text", text="Let me explain. ")
        await self.speak(6000, 440)
        await self.say("response_complete")

    async def slow(self):
        await self.say("response_text", text="A slow answer. ")
        await self.speak(8000, 440, pace=0.87)
        await self.say("response_complete")

    async def pipe(self):
        for ms, hertz in ((4000, 440), (2000, 0), (1000, 880)):
            for _ in range(ms // 100):
                if hertz:
                    await self.ws.send(tone(100, hertz))
                await asyncio.sleep(0.1)

    async def run(self, path):
        listening = asyncio.create_task(self.listen())
        try:
            if path != "pipe":
                await self.say("ready", sessionId="s_field")
            await getattr(self, path.replace("-", "_"))()
            await self.say("notice", text="that was all")
            await listening
        except websockets.ConnectionClosed:
            pass
        finally:
            listening.cancel()


async def main():
    async with websockets.serve(lambda ws, path: Talk(ws).run(path.strip("/")), "127.0.0.1", 0) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
