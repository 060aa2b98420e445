"""A double of the OpenAI Realtime server, for tests: every message that it sends is built by a model of the
official Python SDK, and every message that it gets is read by one. What those models do not know is an error.

  openai_double.py [--beta] [--expires-in S] [--late N] [--transcripts A|B|C] [--answers A|B] [--tool-at N]

Prints `port N`, then one line of JSON for each thing that happened: {"got": type, …}, {"said": type}, {"wrong": …}.
Its detector counts audio, not time: speech is what is louder than -40 dBFS, and 500 ms of silence end a turn. An answer
is a tone of 440 Hz, sent five times as fast as it is heard, in pieces of 100 ms. With --late N, that many pieces of an
answer are sent after it was cancelled. With --beta it has the shape of the beta, by the SDK's models of that.
"""

import argparse, asyncio, audioop, base64, hashlib, json, math, struct, sys, time
from urllib.parse import parse_qs, urlsplit

import pydantic
import websockets.asyncio.server
from openai.types import realtime as models
from openai.types.beta import realtime as beta_models
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from vendor_models import extras

CURRENT = (pydantic.TypeAdapter(models.RealtimeClientEvent), pydantic.TypeAdapter(RealtimeServerEvent))
BETA = (pydantic.TypeAdapter(beta_models.RealtimeClientEvent), pydantic.TypeAdapter(beta_models.RealtimeServerEvent))
PREFIX_MS, SILENCE_MS, STEP_MS = 300, 500, 20


FORMATS = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}


def beta_session(session):
    """A session of the current shape as the beta has it."""
    hears, speaks = session["audio"]["input"], session["audio"]["output"]
    rest = {key: value for key, value in session.items() if key not in ("type", "audio", "output_modalities")}
    return {**rest, "modalities": ["text", "audio"], "voice": "alloy", "speed": speaks["speed"],
            "input_audio_format": FORMATS[hears["format"]["type"]],
            "output_audio_format": FORMATS[speaks["format"]["type"]],
            "input_audio_transcription": hears["transcription"],
            "input_audio_noise_reduction": hears["noise_reduction"], "turn_detection": hears["turn_detection"]}


def current_update(session):
    """What a client of the beta asks for, in the current shape."""
    rest = dict(session)
    hears, speaks = {}, {}
    for name, into, now in (("input_audio_format", hears, "format"), ("output_audio_format", speaks, "format"),
                            ("input_audio_transcription", hears, "transcription"),
                            ("input_audio_noise_reduction", hears, "noise_reduction"),
                            ("turn_detection", hears, "turn_detection"), ("voice", speaks, "voice")):
        if name in rest:
            value = rest.pop(name)
            if now == "format":
                kind = next(key for key, beta in FORMATS.items() if beta == value)
                value = {"type": kind, "rate": 24000} if kind == "audio/pcm" else {"type": kind}
            into[now] = value
    rest.pop("modalities", None)
    return {**rest, "audio": {"input": hears, "output": speaks}}


def beta_event(event):
    """An event of the current shape as the beta has it; none where it has none."""
    kind = event["type"]
    if kind == "conversation.item.done":
        return None
    kind = kind.replace("response.output_audio", "response.audio").replace("response.output_text", "response.text")
    event = {**event, "type": kind.replace("conversation.item.added", "conversation.item.created")}
    if "session" in event:
        event["session"] = beta_session(event["session"])
    if kind == "response.function_call_arguments.done":
        event.pop("name")
    if "response" in event:
        event["response"] = {key: value for key, value in event["response"].items() if key != "output_modalities"}
    def item(value):
        parts = [{**part, "type": part["type"].replace("output_", "")} for part in value.get("content", [])]
        return {**value, "content": parts} if parts else value
    if "item" in event:
        event["item"] = item(event["item"])
    if usage := event.get("response", {}).get("usage"):
        details = {key: value for key, value in usage["input_token_details"].items() if key != "image_tokens"}
        event["response"]["usage"] = {**usage, "input_token_details": details}
    if event.get("response", {}).get("output"):
        event["response"] = {**event["response"], "output": [item(one) for one in event["response"]["output"]]}
    return event


def tell(**fact):
    print(json.dumps(fact), flush=True)


class Wrong(Exception):
    def __init__(self, message, code=None, param=None, kind="invalid_request_error"):
        super().__init__(message)
        self.error = {"type": kind, "code": code, "message": message, "param": param}


class Session:
    def __init__(self, socket, options, model):
        self.socket, self.options, self.count = socket, options, 0
        self.model, self.models = model, BETA if options.beta else CURRENT
        self.expires_at = int(time.time() + options.expires_in)
        self.settings = {
            "type": "realtime", "model": model, "output_modalities": ["audio"], "instructions": "Be kind.", "tools": [],
            "audio": {
                "input": {"format": {"type": "audio/pcm", "rate": 24000}, "transcription": None, "noise_reduction": None,
                          "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": PREFIX_MS,
                                             "silence_duration_ms": SILENCE_MS, "create_response": True,
                                             "interrupt_response": True}},
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin", "speed": 1.0}}}
        self.buffer, self.heard_ms, self.silence_ms, self.item, self.begun_ms = b"", 0.0, 0.0, None, 0
        self.uncommitted_ms, self.rest = 0.0, b""
        self.last_item, self.items = None, {}
        self.response, self.task, self.turn, self.answered = None, None, 0, 0
        self.lock = asyncio.Lock()

    def new(self, kind):
        self.count += 1
        return f"{kind}_{self.count}"

    async def say(self, kind, **fields):
        event = {"type": kind, "event_id": self.new("event"), **fields}
        if self.options.beta and (event := beta_event(event)) is None:
            return
        # Strictly: what the SDK's model would not take, the real server would not have sent.
        self.models[1].validate_python(event)
        await self.socket.send(json.dumps(event))
        if kind not in ("response.output_audio.delta", "response.output_audio_transcript.delta"):
            tell(said=event["type"])

    def described(self):
        return {**self.settings, "id": "sess_1", "object": "realtime.session", "expires_at": self.expires_at}

    # -- what the client says

    async def got(self, text):
        if isinstance(text, bytes):
            raise Wrong("binary messages are not taken", "invalid_message")
        event = self.models[0].validate_json(text)
        unknown = extras(event)
        fact = {"got": event.type}
        if unknown:
            tell(wrong=f"{event.type}: fields that no model knows: {unknown}")
        if event.type == "input_audio_buffer.append":
            await self.audio(base64.b64decode(event.audio, validate=True))
            return
        raw = json.loads(text)
        raw.pop("type")
        tell(**fact, **{key: value for key, value in raw.items() if key not in ("got",)})
        handler = getattr(self, "on_" + event.type.replace(".", "_"), None)
        if handler is None:
            raise Wrong(f"{event.type} is not supported by the double")
        await handler(event, raw)

    async def on_session_update(self, event, raw):
        def merge(into, change):
            for name, value in change.items():
                if isinstance(value, dict) and isinstance(into.get(name), dict) and name not in (
                        "turn_detection", "format"):
                    merge(into[name], value)
                else:
                    into[name] = value
        if raw["session"].get("model", self.model) != self.model:
            raise Wrong("the model cannot be changed", "invalid_value", "session.model")
        merge(self.settings, current_update(raw["session"]) if self.options.beta else raw["session"])
        await self.say("session.updated", session=self.described())

    async def on_input_audio_buffer_clear(self, event, raw):
        self.uncommitted_ms = 0
        await self.say("input_audio_buffer.cleared")

    async def on_input_audio_buffer_commit(self, event, raw):
        if self.uncommitted_ms < 100:
            raise Wrong(f"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but "
                        f"buffer only has {self.uncommitted_ms:.2f}ms of audio.", "input_audio_buffer_commit_empty")
        await self.commit(self.new("item"))

    async def on_conversation_item_create(self, event, raw):
        item = {"id": raw["item"].get("id") or self.new("item"), "status": "completed", **raw["item"]}
        await self.add(item)

    async def on_conversation_item_truncate(self, event, raw):
        item = self.items.get(event.item_id)
        if item is None or "sent_ms" not in item:
            raise Wrong(f"Error truncating item: item with item_id not found", "item_truncate_invalid_item_id", "item_id")
        if event.audio_end_ms > item["sent_ms"]:
            raise Wrong(f"Audio content of {item['sent_ms']}ms is already shorter than {event.audio_end_ms}ms",
                        "invalid_value")
        await self.say("conversation.item.truncated", item_id=event.item_id, content_index=event.content_index,
                       audio_end_ms=event.audio_end_ms)

    async def on_conversation_item_delete(self, event, raw):
        await self.say("conversation.item.deleted", item_id=event.item_id)

    async def on_response_create(self, event, raw):
        if self.response:
            raise Wrong("Conversation already has an active response in progress: " + self.response,
                        "conversation_already_has_active_response")
        self.respond(raw.get("response") or {})

    async def on_response_cancel(self, event, raw):
        if not self.response or event.response_id not in (None, self.response):
            raise Wrong("Cancellation failed: no active response found", "response_cancel_not_active")
        await self.cancel("client_cancelled")

    # -- the ear

    async def audio(self, data):
        form = self.settings["audio"]["input"]["format"]
        rate = form.get("rate", 8000)
        if form["type"] == "audio/pcmu": data = audioop.ulaw2lin(data, 2)
        if form["type"] == "audio/pcma": data = audioop.alaw2lin(data, 2)
        self.uncommitted_ms += len(data) / 2 / rate * 1000
        self.rest += data
        step = rate * STEP_MS // 1000 * 2
        while len(self.rest) >= step:
            piece, self.rest = self.rest[:step], self.rest[step:]
            self.heard_ms += STEP_MS
            await self.listen(piece)

    async def listen(self, piece):
        detection = self.settings["audio"]["input"]["turn_detection"]
        if not detection:
            return
        loud = audioop.rms(piece, 2) > 328
        if loud:
            self.silence_ms = 0
            if self.item is None:
                self.item = self.new("item")
                self.begun_ms = max(0, int(self.heard_ms) - PREFIX_MS)
                await self.say("input_audio_buffer.speech_started", audio_start_ms=self.begun_ms, item_id=self.item)
                if self.response and detection.get("interrupt_response", True):
                    await self.cancel("turn_detected")
        elif self.item is not None:
            self.silence_ms += STEP_MS
            if self.silence_ms >= detection.get("silence_duration_ms", SILENCE_MS):
                item, self.item, self.silence_ms = self.item, None, 0
                await self.say("input_audio_buffer.speech_stopped", audio_end_ms=int(self.heard_ms), item_id=item)
                await self.commit(item)
                if detection.get("create_response", True) and not self.response:
                    self.respond({})

    async def add(self, item):
        before, self.last_item = self.last_item, item["id"]
        self.items[item["id"]] = item
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self.say(kind, item=item, previous_item_id=before)

    async def commit(self, item):
        milliseconds, self.uncommitted_ms = self.uncommitted_ms, 0
        await self.say("input_audio_buffer.committed", item_id=item, previous_item_id=self.last_item)
        await self.add({"id": item, "type": "message", "role": "user", "status": "completed",
                        "content": [{"type": "input_audio", "transcript": None}]})
        if not self.settings["audio"]["input"]["transcription"]:
            return
        words = self.options.transcripts[self.turn % len(self.options.transcripts)]
        self.turn += 1

        async def later():
            # After the answer has begun: the order of the two is not promised.
            await asyncio.sleep(0.15)
            half = len(words) // 2
            for part in (words[:half], words[half:]):
                await self.say("conversation.item.input_audio_transcription.delta", item_id=item, content_index=0,
                               delta=part)
            await self.say("conversation.item.input_audio_transcription.completed", item_id=item, content_index=0,
                           transcript=words, usage={"type": "duration", "seconds": milliseconds / 1000})
        self.transcribing = asyncio.ensure_future(later())

    # -- the mouth

    def respond(self, wishes):
        self.response, self.metadata = self.new("resp"), wishes.get("metadata")
        self.task = asyncio.ensure_future(self.answer(self.response, wishes))

    async def cancel(self, reason):
        response, self.response = self.response, None
        self.task.cancel()
        item = self.speaking
        await self.say("response.done", response=self.done(
            response, "cancelled", [], {"type": "cancelled", "reason": reason}))
        for _ in range(self.options.late):
            await self.say("response.output_audio.delta", response_id=response, item_id=item, output_index=0,
                           content_index=0, delta=base64.b64encode(self.tone(100)).decode())

    def done(self, response, status, output, details=None):
        return {"id": response, "object": "realtime.response", "status": status, "status_details": details,
                "output": output, "metadata": self.metadata, "conversation_id": "conv_1", "output_modalities": ["audio"], "usage": {
                    "total_tokens": 253, "input_tokens": 132, "output_tokens": 121,
                    "input_token_details": {"text_tokens": 119, "audio_tokens": 13, "image_tokens": 0,
                                            "cached_tokens": 64},
                    "output_token_details": {"text_tokens": 30, "audio_tokens": 91}}}

    def tone(self, milliseconds, start=0):
        form = self.settings["audio"]["output"]["format"]
        rate = form.get("rate", 8000)
        samples = range(start * rate // 1000, (start + milliseconds) * rate // 1000)
        data = b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * n / rate))) for n in samples)
        if form["type"] == "audio/pcmu": return audioop.lin2ulaw(data, 2)
        if form["type"] == "audio/pcma": return audioop.lin2alaw(data, 2)
        return data

    async def answer(self, response, wishes):
        self.answered += 1
        item = self.speaking = self.new("item")
        await self.say("response.created", response={
            "id": response, "object": "realtime.response", "status": "in_progress", "output": [],
            "metadata": wishes.get("metadata")})
        await self.say("rate_limits.updated", rate_limits=[
            {"name": "tokens", "limit": 40000, "remaining": 39120, "reset_seconds": 1.3}])
        where = {"response_id": response, "item_id": item, "output_index": 0}
        tools = self.settings.get("tools") or []
        if self.answered == self.options.tool_at and tools:
            await self.call(response, where, tools[0]["name"])
            return
        words = self.options.answers[(self.answered - 1) % len(self.options.answers)]
        message = {"id": item, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        await self.say("response.output_item.added", response_id=response, output_index=0, item=message)
        self.items[item] = {**message, "sent_ms": 0}
        before, self.last_item = self.last_item, item
        await self.say("conversation.item.added", item=message, previous_item_id=before)
        part = {**where, "content_index": 0}
        await self.say("response.content_part.added", **part, part={"type": "audio", "transcript": ""})
        pieces = words.split(" ")
        length = 100 * max(len(pieces) * 3, 10)
        for n in range(length // 100):
            if n < len(pieces):
                await self.say("response.output_audio_transcript.delta", **part,
                               delta=pieces[n] + (" " if n + 1 < len(pieces) else ""))
            await self.say("response.output_audio.delta", **part,
                           delta=base64.b64encode(self.tone(100, n * 100)).decode())
            self.items[item]["sent_ms"] += 100
            await asyncio.sleep(0.02)
        await self.say("response.output_audio.done", **part)
        await self.say("response.output_audio_transcript.done", **part, transcript=words)
        await self.say("response.content_part.done", **part, part={"type": "audio", "transcript": words})
        whole = {**message, "status": "completed", "content": [{"type": "output_audio", "transcript": words}]}
        await self.say("response.output_item.done", response_id=response, output_index=0, item=whole)
        await self.say("conversation.item.done", item=whole, previous_item_id=before)
        self.response = None
        await self.say("response.done", response=self.done(response, "completed", [whole]))

    async def call(self, response, where, name):
        call, arguments = self.new("call"), '{"city":"Oslo"}'
        item = {"id": where["item_id"], "type": "function_call", "status": "in_progress", "call_id": call, "name": name,
                "arguments": ""}
        await self.say("response.output_item.added", response_id=response, output_index=0, item=item)
        for part in (arguments[:8], arguments[8:]):
            await self.say("response.function_call_arguments.delta", **where, call_id=call, delta=part)
        await self.say("response.function_call_arguments.done", **where, call_id=call, name=name, arguments=arguments)
        item = {**item, "status": "completed", "arguments": arguments}
        await self.say("response.output_item.done", response_id=response, output_index=0, item=item)
        self.response = None
        await self.say("response.done", response=self.done(response, "completed", [item]))

    async def expire(self):
        await asyncio.sleep(self.options.expires_in)
        await self.say("error", error={"type": "invalid_request_error", "code": "session_expired",
                                       "message": "Your session hit the maximum duration of 60 minutes.",
                                       "param": None, "event_id": None})
        await self.socket.close(1001, "Your session hit the maximum duration of 60 minutes.")

    async def run(self):
        await self.say("session.created", session=self.described())
        expiry = asyncio.ensure_future(self.expire())
        try:
            async for text in self.socket:
                try:
                    await self.got(text)
                except (Wrong, pydantic.ValidationError, ValueError) as fault:
                    error = getattr(fault, "error", None) or {
                        "type": "invalid_request_error", "code": "invalid_value", "message": str(fault)[:500],
                        "param": None}
                    if not isinstance(fault, Wrong):
                        tell(wrong=f"{text[:200]}: {str(fault)[:500]}")
                    try:
                        event_id = json.loads(text).get("event_id")
                    except ValueError:
                        event_id = None
                    await self.say("error", error={**error, "event_id": event_id})
        finally:
            expiry.cancel()
            if self.task: self.task.cancel()
            tell(closed=self.socket.close_code, reason=self.socket.close_reason)


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--beta", action="store_true")
    options.add_argument("--expires-in", type=float, default=3600)
    options.add_argument("--late", type=int, default=0)
    options.add_argument("--tool-at", type=int, default=0)
    options.add_argument("--transcripts", default="What time is it?", type=lambda text: text.split("|"))
    options.add_argument("--answers", default="It is a quarter past nine in the evening.",
                         type=lambda text: text.split("|"))
    options = options.parse_args()

    async def serve(socket):
        address = urlsplit(socket.request.path)
        headers = socket.request.headers
        key = headers.get("Authorization", "")
        tell(path=address.path, query=parse_qs(address.query),
             key=hashlib.sha256(key.encode()).hexdigest() if key.startswith("Bearer ") else None,
             beta=headers.get("OpenAI-Beta"))
        model = parse_qs(address.query).get("model", [None])[0]
        if not key.startswith("Bearer "):
            await socket.close(3000, "invalid_request_error.invalid_api_key")
            return
        if model is None:
            await socket.close(4000, "invalid_request_error.missing_model")
            return
        await Session(socket, options, model).run()

    async with websockets.asyncio.server.serve(serve, "127.0.0.1", 0, max_size=16 << 20, compression=None) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
