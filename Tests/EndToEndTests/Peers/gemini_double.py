"""A double of the Gemini Live server, for tests: every message that it sends is built by a model of the vendor's Python
SDK, and every message that it gets is read by one. What those models do not know is an error.

  gemini_double.py [--answers A|B] [--transcript T] [--tool-at N] [--go-away S] [--drop-after N]

Prints `port N`, then one line of JSON for each thing that happened: {"got": name, …}, {"said": name}, {"wrong": …}.
Its detector counts audio, not time: speech is what is louder than -40 dBFS, and 600 ms of silence end a turn, or the end
of the audio stream does. Without the detector, activityEnd does. An answer is a tone of 440 Hz, sent five times as fast
as it is heard, in pieces of 100 ms; its turn is complete when it would have been heard. With --tool-at N, the Nth answer
is a call of the first tool that was declared, or of get_weather. With --go-away S it tells S seconds before the end of the session, and ends it. With
--drop-after N it drops the first connection after N answers, without a goodbye.
"""

import argparse, asyncio, audioop, hashlib, json, math, struct
from urllib.parse import parse_qs, urlsplit

import pydantic
import websockets.asyncio.server
from google.genai import types

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SILENCE_MS, STEP_MS, LOUD = 600, 20, 328


def tell(**fact):
    print(json.dumps(fact), flush=True)


def tone(milliseconds, start):
    samples = range(start * 24, (start + milliseconds) * 24)
    return b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * n / 24000))) for n in samples)


class Session:
    served = 0

    def __init__(self, socket, options):
        self.socket, self.options = socket, options
        self.rest, self.silence_ms, self.speaks = b"", 0, False
        self.setup, self.task, self.said_ms, self.call = None, None, 0, None
        self.is_manual = False

    async def say(self, **fields):
        message = types.LiveServerMessage(**fields)
        text = message.model_dump_json(by_alias=True, exclude_none=True)
        # As the service does: JSON in a binary message.
        await self.socket.send(text.encode())
        content = fields.get("server_content")
        names = content.model_fields_set if content else fields.keys()
        for name in sorted(names):
            if name not in ("model_turn", "output_transcription"):
                tell(said=name)

    async def content(self, **fields):
        await self.say(server_content=types.LiveServerContent(**fields))

    # -- what the client says

    async def got(self, text):
        if isinstance(text, bytes):
            return tell(wrong="a binary message")
        raw = json.loads(text)
        # The SDK writes this from a model of its own, which that of the setup does not name.
        detection = raw.get("setup", {}).pop("realtimeInputConfig", {})
        message = types.LiveClientMessage.model_validate(raw)
        if self.setup is None and message.setup is None:
            tell(wrong="something before the setup")
            return await self.socket.close(1007, "setup must be the first message")
        if setup := message.setup:
            if self.setup is not None:
                tell(wrong="a second setup")
            self.setup = setup
            activity = types.RealtimeInputConfig.model_validate(detection).automatic_activity_detection
            self.is_manual = bool(activity and activity.disabled)
            tell(got="setup", **raw["setup"], realtimeInputConfig=detection)
            await self.say(setup_complete=types.LiveServerSetupComplete())
            if setup.session_resumption is not None:
                await self.say(session_resumption_update=types.LiveServerSessionResumptionUpdate(
                    new_handle=f"handle-{Session.served}-0123456789abcdef", resumable=True))
        elif (input := message.realtime_input) is not None:
            await self.input(input)
        elif response := message.tool_response:
            self.call = None
            tell(got="tool_response", responses=[one.model_dump(mode="json", exclude_none=True)
                                                 for one in response.function_responses])
            self.respond()
        else:
            tell(got=next(iter(message.model_fields_set)))

    async def input(self, input):
        if input.activity_start is not None or input.activity_end is not None:
            if not self.is_manual:
                tell(wrong="activity without manual turns")
        if input.activity_start is not None:
            tell(got="activity_start")
            await self.interrupt()
        if input.audio is not None:
            if input.audio.mime_type != "audio/pcm;rate=16000":
                tell(wrong=f"type {input.audio.mime_type}")
            await self.audio(input.audio.data)
        if input.activity_end is not None:
            tell(got="activity_end")
            await self.end_turn()
        if input.audio_stream_end:
            tell(got="audio_stream_end", silence_ms=self.silence_ms)
            if self.is_manual:
                tell(wrong="audio_stream_end with manual turns")
            if self.speaks:
                self.speaks = False
                await self.end_turn()
        if input.text is not None:
            tell(got="text", text=input.text)
            await self.interrupt()
            self.respond()

    # -- the ear

    async def audio(self, data):
        self.rest += data
        step = 16 * STEP_MS * 2
        while len(self.rest) >= step:
            piece, self.rest = self.rest[:step], self.rest[step:]
            if self.is_manual:
                continue
            if audioop.rms(piece, 2) > LOUD:
                self.silence_ms = 0
                if not self.speaks:
                    self.speaks = True
                    await self.interrupt()
            else:
                self.silence_ms += STEP_MS
                if self.speaks and self.silence_ms >= SILENCE_MS:
                    self.speaks = False
                    await self.end_turn()

    async def end_turn(self):
        tell(heard="turn")
        if self.setup.input_audio_transcription is not None:
            words = self.options.transcript
            half = len(words) // 2
            for part in (words[:half], words[half:]):
                await self.content(input_transcription=types.Transcription(text=part))
        self.respond()

    # -- the mouth

    def respond(self):
        self.task = asyncio.ensure_future(self.answer())

    async def interrupt(self):
        if self.call is None and (self.task is None or self.task.done()):
            return
        self.task.cancel()
        tell(cut_ms=self.said_ms)
        if self.call:
            await self.say(tool_call_cancellation=types.LiveServerToolCallCancellation(ids=[self.call]))
            self.call = None
        await self.content(interrupted=True)
        await self.content(turn_complete=True)

    async def answer(self):
        Session.served += 1
        tools = self.setup.tools or []
        if Session.served == self.options.tool_at:
            name = tools[0].function_declarations[0].name if tools else "get_weather"
            self.call = "call-1"
            call = types.FunctionCall(id=self.call, name=name, args={"city": "Oslo"})
            await self.say(tool_call=types.LiveServerToolCall(function_calls=[call]))
            return
        words = self.options.answers[(Session.served - 1) % len(self.options.answers)]
        pieces = words.split(" ")
        self.said_ms = 0
        for n in range(max(len(pieces) * 3, 10)):
            turn = types.Content(role="model", parts=[types.Part(inline_data=types.Blob(
                data=tone(100, n * 100), mime_type="audio/pcm;rate=24000"))])
            # Several contents in one message.
            if n < len(pieces):
                await self.content(model_turn=turn, output_transcription=types.Transcription(
                    text=pieces[n] + (" " if n + 1 < len(pieces) else "")))
            else:
                await self.content(model_turn=turn)
            self.said_ms += 100
            await asyncio.sleep(0.02)
        await self.content(generation_complete=True)
        await asyncio.sleep(self.said_ms * 0.0008)
        usage = types.UsageMetadata(prompt_token_count=132, response_token_count=121, total_token_count=253)
        await self.say(server_content=types.LiveServerContent(turn_complete=True), usage_metadata=usage)
        if Session.served == self.options.drop_after:
            self.socket.transport.abort()

    async def leave(self):
        await self.say(go_away=types.LiveServerGoAway(time_left=f"{self.options.go_away:g}s"))
        await asyncio.sleep(self.options.go_away)
        await self.socket.close(1011, "the session has reached its end")

    async def run(self):
        leaving = None
        try:
            async for text in self.socket:
                try:
                    await self.got(text)
                except (pydantic.ValidationError, ValueError) as fault:
                    tell(wrong=f"{str(text)[:200]}: {str(fault)[:500]}")
                    await self.socket.close(1007, "invalid argument")
                if self.options.go_away and leaving is None:
                    leaving = asyncio.ensure_future(self.leave())
        except websockets.exceptions.ConnectionClosed:
            pass  # Dropped by the double itself.
        finally:
            for task in (leaving, self.task):
                if task: task.cancel()
            tell(closed=self.socket.close_code, reason=self.socket.close_reason)


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--answers", default="It is a quarter past nine in the evening.",
                         type=lambda text: text.split("|"))
    options.add_argument("--transcript", default="What time is it?")
    options.add_argument("--tool-at", type=int, default=0)
    options.add_argument("--go-away", type=float, default=0)
    options.add_argument("--drop-after", type=int, default=0)
    options = options.parse_args()

    async def serve(socket):
        address = urlsplit(socket.request.path)
        key = socket.request.headers.get("x-goog-api-key") or parse_qs(address.query).get("key", [None])[0]
        tell(path=address.path, query=sorted(parse_qs(address.query)), key=key and hashlib.sha256(key.encode()).hexdigest())
        if not key:
            return await socket.close(1008, "API key not valid. Please pass a valid API key.")
        if address.path != PATH:
            tell(wrong=address.path)
        await Session(socket, options).run()

    async with websockets.asyncio.server.serve(serve, "127.0.0.1", 0, max_size=16 << 20, compression=None) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
