"""A voice server that does what its script says, and keeps a record of its own: when it sent what, and what it received.

The script is JSON, the first argument:

  answers   one for each utterance, in order; the last one serves all that follow:
    delay     milliseconds from `speech_end` to `transcript_final`
    chunks    [[at, length], …]: when each piece of the answer is sent and how much audio it holds, in milliseconds;
              `at` counts from `transcript_final`
    claims    what `metrics` says of it, if anything
  word      milliseconds from `speech_start` to `user_speech_start`; none without it
  lag       milliseconds by which each of its messages is late, as on a slow network: order and distances stay
  cut       milliseconds from `speech_start` or `interrupt`, while it speaks, to `interrupted`
  sound     a file of raw samples (16-bit little-endian, mono, 16 kHz) of which the pieces are cut, over and over; else they
            are a tone of 500 Hz that begins and ends at full loudness

Standard output gets one JSON object per line:
`sent` for each piece of audio, with the time on CLOCK_MONOTONIC in nanoseconds, and `totals` when the client has gone.
"""

import asyncio, base64, json, math, struct, sys, time
import websockets

RATE = 16000
PERIOD = RATE // 500
WAVE = [int(8000 * math.cos(2 * math.pi * n / PERIOD)) for n in range(PERIOD)]


def pieces(wave, start, count):
    return struct.pack(f"<{count}h", *(wave[n % len(wave)] for n in range(start, start + count)))


def samples(path):
    with open(path, "rb") as file:
        data = file.read()
    return struct.unpack(f"<{len(data) // 2}h", data[: len(data) // 2 * 2])


def tell(**fields):
    print(json.dumps(fields), flush=True)


class Peer:
    def __init__(self, ws, script):
        self.ws, self.script = ws, script
        self.totals = {side: {"messages": 0, "bytes": 0, "audioMessages": 0, "audioMs": 0.0} for side in ("sent", "received")}
        self.utterance, self.sequence = 0, 0
        self.answering = self.cutting = self.noticing = None
        self.lag = script.get("lag", 0) / 1000
        self.wave = samples(script["sound"]) if "sound" in script else WAVE
        self.outbox = asyncio.Queue()
        self.sender = asyncio.create_task(self.deliver())

    def count(self, side, payload, samples):
        totals = self.totals[side]
        totals["messages"] += 1
        totals["bytes"] += len(payload if isinstance(payload, bytes) else payload.encode())
        if samples is not None:
            totals["audioMessages"] += 1
            totals["audioMs"] += samples * 1000 / RATE

    async def send(self, kind, samples=None, note=None, **fields):
        await self.outbox.put((time.monotonic() + self.lag, json.dumps({"type": kind, **fields}), samples, note))
        # What is not held back has gone when this returns.
        if not self.lag:
            await self.outbox.join()

    async def deliver(self):
        while True:
            due, text, samples, note = await self.outbox.get()
            await self.at(due)
            self.count("sent", text, samples)
            try:
                await self.ws.send(text)
                if note:
                    tell(**note, at=time.monotonic_ns())
            except websockets.ConnectionClosed:
                pass
            self.outbox.task_done()

    async def answer(self, number, heard_at):
        plan = self.script["answers"]
        plan = plan[min(number, len(plan) - 1)]
        await self.at(heard_at + plan["delay"] / 1000)
        await self.send("transcript_final", text=f"utterance {number + 1}")
        began = time.monotonic()
        await self.send("response_text", text=f"This is the answer to utterance {number + 1}. ")
        position = 0
        for at, length in plan["chunks"]:
            await self.at(began + at / 1000)
            count = length * RATE // 1000
            data = pieces(self.wave, position, count)
            position += count
            self.sequence += 1
            note = dict(event="sent", answer=number, ms=length)
            await self.send("audio", count, note, data=base64.b64encode(data).decode(), rate=RATE, seq=self.sequence)
        if plan.get("claims"):
            await self.send("metrics", turn=number + 1, **plan["claims"])
        await self.send("response_complete")
        self.answering = None

    async def cut(self, asked_at):
        await self.at(asked_at + self.script.get("cut", 0) / 1000)
        if self.answering:
            self.answering.cancel()
            self.answering = None
            await self.send("interrupted")

    async def notice(self, heard_at):
        await self.at(heard_at + self.script["word"] / 1000)
        await self.send("user_speech_start")

    @staticmethod
    async def at(moment):
        await asyncio.sleep(max(0, moment - time.monotonic()))

    async def serve(self):
        try:
            await self.send("ready", sessionId="s_measured", audio={"in": {"rate": RATE}, "out": {"rate": RATE}})
            async for payload in self.ws:
                now = time.monotonic()
                event = json.loads(payload)
                audio = event.get("audio") if event["type"] == "audio" else None
                self.count("received", payload, None if audio is None else len(base64.b64decode(audio)) // 2)
                if event["type"] == "speech_end":
                    await self.send("user_speech_end")
                    self.answering = asyncio.create_task(self.answer(self.utterance, now))
                    self.utterance += 1
                if event["type"] == "speech_start" and "word" in self.script:
                    self.noticing = asyncio.create_task(self.notice(now))
                if event["type"] in ("speech_start", "interrupt") and self.answering:
                    self.cutting = asyncio.create_task(self.cut(now))
        except websockets.ConnectionClosed:
            pass
        finally:
            for task in (self.answering, self.cutting, self.noticing, self.sender):
                if task:
                    task.cancel()
            tell(event="totals", **self.totals)


async def main():
    script = json.loads(sys.argv[1])
    async with websockets.serve(lambda ws, path: Peer(ws, script).serve(), "127.0.0.1", 0) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
