"""A spoken conversation with a server of OpenAI's Realtime protocol, through the official Python SDK and nothing else.

  openai_sdk_client.py URL QUESTION.wav STORY.wav WEATHER.wav [--beta]

Arguments are WAV files of one channel and 16 bits at 24 kHz: a question, a request for a long answer, and one that
needs the tool. It speaks the question and hears the answer whole; asks for the story, and speaks the question again
over the answer (an interrupt by voice: what was played is truncated at what an ear would have heard); then the weather:
it answers the tool call, and hears the words that follow. Every message is checked against the SDK's models.
Prints one JSON object with what was seen; fails with what was wrong. With --beta, through the SDK's client and models
of the beta.
"""

import asyncio, audioop, base64, json, math, sys, time, wave

import pydantic
from openai import AsyncOpenAI
from openai.types.beta.realtime import RealtimeServerEvent as BetaServerEvent
from openai.types.realtime import RealtimeServerEvent
from vendor_models import extras

BETA = "--beta" in sys.argv
SERVER = pydantic.TypeAdapter(BetaServerEvent if BETA else RealtimeServerEvent)
AUDIO = "response.audio.delta" if BETA else "response.output_audio.delta"
STEP = 0.02
TOOLS = [{"type": "function", "name": "get_weather", "description": "The weather in a city.",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]
TRANSCRIPTION = {"model": "whisper-1" if BETA else "gpt-4o-mini-transcribe"}
DETECTION = {"type": "server_vad", "silence_duration_ms": 600}
PCM = {"type": "audio/pcm", "rate": 24000}
SESSION = {
    "instructions": "Be brief.", "modalities": ["text", "audio"], "voice": "alloy", "input_audio_format": "pcm16",
    "output_audio_format": "pcm16", "input_audio_transcription": TRANSCRIPTION, "turn_detection": DETECTION,
    "tools": TOOLS,
} if BETA else {
    "type": "realtime", "instructions": "Be brief.", "output_modalities": ["audio"], "tools": TOOLS,
    "audio": {"input": {"format": PCM, "transcription": TRANSCRIPTION, "turn_detection": DETECTION},
              "output": {"format": PCM, "voice": "marin"}},
}


def read(name):
    with wave.open(name) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000), name
        return file.readframes(file.getnframes())


class Talk:
    def __init__(self, connection):
        self.connection, self.speech, self.events, self.items = connection, b"", [], {}
        self.ear_ends = 0.0  # when the last sample that was received is heard
        self.seen = asyncio.Condition()
        self.problems = []

    async def microphone(self):
        """Speech, and silence when there is none, in real time."""
        piece, due = int(24000 * STEP) * 2, time.monotonic()
        while True:
            part, self.speech = self.speech[:piece], self.speech[piece:]
            await self.connection.input_audio_buffer.append(
                audio=base64.b64encode(part.ljust(piece, b"\0")).decode())
            due += STEP
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def ear(self):
        while True:
            raw = await self.connection.recv_bytes()
            event = SERVER.validate_json(raw)
            # What every server says and the SDK's model of a session does not name.
            known = {".session.id", ".session.object", ".session.expires_at"}
            if unknown := [name for name in extras(event) if name not in known]:
                self.problems.append(f"{event.type}: {unknown}")
            if event.type == AUDIO:
                data = base64.b64decode(event.delta, validate=True)
                item = self.items.setdefault(event.item_id, {"audio": b"", "begins": None, "response": event.response_id})
                now = time.monotonic()
                if item["begins"] is None:
                    item["begins"] = max(now, self.ear_ends)
                item["audio"] += data
                self.ear_ends = max(now, self.ear_ends) + len(data) / 48000
            async with self.seen:
                self.events.append(event)
                self.seen.notify_all()

    async def until(self, what, test, since=0):
        def found():
            return next((event for event in self.events[since:] if test(event)), None)
        async with self.seen:
            try:
                await asyncio.wait_for(self.seen.wait_for(found), 60)
            except asyncio.TimeoutError:
                raise SystemExit(f"waited in vain for {what}; last: {[e.type for e in self.events[-12:]]}")
        return found()

    async def say(self, data):
        since = len(self.events)
        self.speech += data
        await self.until("the end of speech", lambda e: e.type == "input_audio_buffer.speech_stopped", since)
        return since

    async def answer(self, since):
        done = await self.until("response.done", lambda e: e.type == "response.done", since)
        return done.response


def loudness(data):
    return round(20 * math.log10(max(audioop.rms(data, 2), 1) / 32768), 1)


async def main():
    url, question, story, weather = sys.argv[1], *map(read, sys.argv[2:5])
    client = AsyncOpenAI(api_key="sk-test-not-a-key", websocket_base_url=url)
    result = {}
    realtime = client.beta.realtime if BETA else client.realtime
    async with realtime.connect(model="gpt-realtime") as connection:
        talk = Talk(connection)
        tasks = [asyncio.ensure_future(talk.ear())]
        created = await talk.until("session.created", lambda e: e.type == "session.created")
        await connection.session.update(event_id="set-1", session=SESSION)
        updated = await talk.until("session.updated", lambda e: e.type == "session.updated")
        detection = updated.session.turn_detection if BETA else updated.session.audio.input.turn_detection
        result["silence_ms"] = detection.silence_duration_ms
        result["tools"] = [tool.name for tool in updated.session.tools]
        tasks.append(asyncio.ensure_future(talk.microphone()))

        # A turn that is heard whole.
        since = await talk.say(question)
        response = await talk.answer(since)
        final = await talk.until("the transcript", lambda e: e.type.endswith("transcription.completed"), since)
        item = response.output[0]
        audio = talk.items[item.id]["audio"]
        result["turn"] = {"status": response.status, "user": final.transcript,
                          "agent": item.content[0].transcript, "ms": len(audio) // 48, "dB": loudness(audio),
                          "tokens": response.usage.total_tokens if response.usage else None}
        await asyncio.sleep(max(0, talk.ear_ends - time.monotonic()))

        # A turn that is cut by the voice: what arrived and was not heard is taken back.
        since = await talk.say(story)
        delta = await talk.until("speech", lambda e: e.type == AUDIO, since)
        await asyncio.sleep(1.0)
        cut = len(talk.events)
        talk.speech += question
        await talk.until("speech_started", lambda e: e.type == "input_audio_buffer.speech_started", cut)
        now = time.monotonic()
        item = talk.items[delta.item_id]
        heard = min(int((now - item["begins"]) * 1000), len(item["audio"]) // 48)
        talk.ear_ends = now
        done = await talk.until("the end of what was cut", lambda e: e.type == "response.done"
                                and e.response.id == delta.response_id, since)
        await connection.conversation.item.truncate(
            item_id=delta.item_id, content_index=0, audio_end_ms=heard, event_id="cut-1")
        truncated = await talk.until("truncated", lambda e: e.type in ("conversation.item.truncated", "error"), cut)
        result["cut"] = {"status": done.response.status,
                         "reason": done.response.status_details.reason if done.response.status_details else None,
                         "answer": truncated.type, "ms": getattr(truncated, "audio_end_ms", None), "heard": heard,
                         "received": len(item["audio"]) // 48}
        await connection.response.cancel(event_id="late-cancel")
        late = await talk.until("an answer to a late cancel", lambda e: e.type in ("error", "response.done")
                                and (e.type == "error" or e.response.id != delta.response_id), cut)
        result["late_cancel"] = late.error.code if late.type == "error" else late.response.status
        await talk.until("the answer to what was said over it", lambda e: e.type == "response.done"
                         and e.response.id != delta.response_id, cut)
        await asyncio.sleep(max(0, talk.ear_ends - time.monotonic()))

        # A turn with a tool. A recognizer may hear other words: then it is asked again, a little later within its frame.
        for attempt in range(5):
            since = await talk.say(bytes(attempt * 144) + weather)
            response = await talk.answer(since)
            call = next((item for item in response.output if item.type == "function_call"), None)
            if call is not None:
                break
            await asyncio.sleep(max(0, talk.ear_ends - time.monotonic()))
        else:
            heard = [e.transcript for e in talk.events if e.type.endswith("transcription.completed")]
            raise SystemExit(f"no tool call in {response.model_dump_json(exclude_none=True)}; understood: {heard}")
        since = len(talk.events)
        await connection.conversation.item.create(item={
            "type": "function_call_output", "call_id": call.call_id, "output": json.dumps({"weather": "snow"})})
        await connection.response.create(response={"metadata": {"tag": "after the tool"}})
        response = await talk.answer(since)
        result["tool"] = {"name": call.name, "arguments": json.loads(call.arguments),
                          "answer": response.output[0].content[0].transcript, "metadata": response.metadata}
        for task in tasks: task.cancel()
        result["problems"] = talk.problems
        result["kinds"] = sorted({event.type for event in talk.events})
    print(json.dumps(result, indent=1))


asyncio.run(main())
