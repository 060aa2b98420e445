"""A double of Deepgram's live recognition, for tests: both APIs, `/v1/listen` and `/v2/listen` (Flux). Every control message
that it gets is read by a model of the official Python SDK, every message that it sends is built by one, and the address may
hold no item that the SDK does not know. What those do not know is an error.

  deepgram_double.py [--fail STATUS] [--cut-after MS] [--transcript TEXT]

Prints `port N`, then one line of JSON for each thing that happened: {"opened": path, "query": …}, {"got": type},
{"said": type}, {"heard": ms} at the end of a connection, {"wrong": …}. Speech is what is louder than -40 dBFS; whatever is
said, the words are the same. With --fail, each upgrade is refused; with --cut-after, the connection is reset after so much
speech.
"""

import argparse, array, ast, asyncio, http, json, pathlib, socket, struct
from urllib.parse import parse_qsl, urlsplit

import deepgram
import websockets.asyncio.server
from websockets.datastructures import Headers
from websockets.http11 import Response
from deepgram.listen.v1 import types as v1
from deepgram.listen.v2 import types as v2
from vendor_models import extras

CONTROLS = {
    "/v1/listen": {"Finalize": v1.ListenV1Finalize, "KeepAlive": v1.ListenV1KeepAlive,
                   "CloseStream": v1.ListenV1CloseStream},
    "/v2/listen": {"ForceEndTurn": v2.ListenV2ForceEndTurn, "CloseStream": v2.ListenV2CloseStream},
}


def items(version):
    """The items of the address that the SDK's client can send."""
    source = (pathlib.Path(deepgram.__file__).parent / "listen" / version / "client.py").read_text()
    connect = next(node for node in ast.walk(ast.parse(source))
                   if isinstance(node, ast.FunctionDef) and node.name == "connect")
    return {argument.arg for argument in connect.args.kwonlyargs} - {"authorization", "request_options"}


ITEMS = {"/v1/listen": items("v1"), "/v2/listen": items("v2")}


def tell(**fact):
    print(json.dumps(fact), flush=True)


class Hearing:
    """What is common to both APIs: how much speech was heard, and how long it has been silent since."""

    def __init__(self, link, query):
        self.link, self.query, self.rate = link, query, int(query["sample_rate"])
        self.heard_ms, self.speech_ms, self.silence_ms, self.sequence, self.turn = 0.0, 0.0, 0.0, 0, 0
        self.words, self.told = options.transcript.split(), 0

    async def say(self, model, **fields):
        message = model.model_validate(fields)
        unknown = extras(message)
        if unknown:
            tell(wrong=f"{model.__name__} does not know {unknown}")
        tell(said=fields.get("event") or fields["type"])
        await self.link.send(message.model_dump_json(exclude_none=True))

    async def hear(self, audio):
        samples = array.array("h", audio)
        step = self.rate // 50
        for start in range(0, len(samples), step):
            piece = samples[start:start + step]
            ms = 1000 * len(piece) / self.rate
            self.heard_ms += ms
            if max(map(abs, piece)) > 327:
                self.speech_ms, self.silence_ms = self.speech_ms + ms, 0.0
                if options.cut_after and self.speech_ms >= options.cut_after:
                    self.link.transport.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return self.link.transport.abort()
                if self.speech_ms >= 200 and self.told == 0:
                    self.told = 1
                    await self.interim(" ".join(self.words[:1]))
            elif self.speech_ms:
                before = self.silence_ms
                self.silence_ms += ms
                await self.silent(before)

    def forget(self):
        self.speech_ms, self.told = 0.0, 0


class Listen(Hearing):
    """`/v1/listen`."""

    async def begin(self):
        pass

    async def results(self, text, is_final, **more):
        words = [{"word": word, "start": i, "end": i + 0.5, "confidence": 0.9} for i, word in enumerate(text.split())]
        alternative = {"transcript": text, "confidence": 0.9, "words": words}
        await self.say(
            v1.ListenV1Results, type="Results", channel_index=[0, 1], start=0.0, duration=self.heard_ms / 1000,
            is_final=is_final, channel={"alternatives": [alternative]},
            metadata={"request_id": "r", "model_uuid": "u",
                      "model_info": {"name": "general-nova-3", "version": "1", "arch": "nova-3"}}, **more)

    async def interim(self, text):
        if self.query.get("vad_events") == "true":
            await self.say(v1.ListenV1SpeechStarted, type="SpeechStarted", channel=[0], timestamp=0.1)
        if self.query.get("interim_results") == "true":
            await self.results(text, False, speech_final=False)

    async def silent(self, before):
        if before < int(self.query.get("endpointing", 10)) <= self.silence_ms and self.told:
            await self.results(" ".join(self.words), True, speech_final=True)
            self.forget()

    async def control(self, kind):
        if kind == "Finalize":
            await self.results(" ".join(self.words) if self.told else "", True, speech_final=False, from_finalize=True)
            self.forget()
        if kind == "CloseStream":
            await self.say(v1.ListenV1Metadata, type="Metadata", transaction_key="deprecated", request_id="r", sha256="0",
                           created="2026-11-20T10:00:00Z", duration=self.heard_ms / 1000, channels=1)
            await self.link.close(1000)


class Flux(Hearing):
    """`/v2/listen`."""

    async def numbered(self, model, **fields):
        await self.say(model, request_id="00000000-0000-0000-0000-000000000000", sequence_id=self.sequence, **fields)
        self.sequence += 1

    async def begin(self):
        await self.numbered(v2.ListenV2Connected, type="Connected")

    async def info(self, event, text):
        words = [{"word": word, "confidence": 0.9} for word in text.split()]
        await self.numbered(
            v2.ListenV2TurnInfo, type="TurnInfo", event=event, turn_index=self.turn, audio_window_start=0.0,
            audio_window_end=self.heard_ms / 1000, transcript=text, words=words, end_of_turn_confidence=0.8)

    async def interim(self, text):
        await self.info("StartOfTurn", text)
        await self.info("Update", text)

    async def end(self):
        await self.info("EndOfTurn", " ".join(self.words) if self.told else "")
        self.turn += 1
        self.forget()

    async def silent(self, before):
        if not self.told:
            return
        if before < 160 <= self.silence_ms:
            await self.info("EagerEndOfTurn", " ".join(self.words))
        if before < 300 <= self.silence_ms:
            await self.end()

    async def control(self, kind):
        if kind == "ForceEndTurn" and self.told:
            await self.end()
        if kind == "CloseStream":
            await self.link.close(1000)


def refuse(status, message, *headers):
    body = json.dumps({"err_code": "AS_THE_TEST_WANTS", "err_msg": message, "request_id": "r"}).encode()
    fields = [("content-type", "application/json"), ("content-length", str(len(body))), *headers]
    return Response(status, http.HTTPStatus(status).phrase, Headers(fields), body)


def upgrade(link, request):
    if not request.headers.get("authorization", "").startswith("Token "):
        return refuse(401, "Invalid credentials.")
    if options.fail:
        return refuse(options.fail, "as the test wants it", *([("retry-after", "7")] if options.fail == 429 else []))
    path = urlsplit(request.path)
    query = dict(parse_qsl(path.query))
    if path.path not in ITEMS:
        tell(wrong=f"the path {path.path}")
        return refuse(404, "no such path")
    unknown = set(query) - ITEMS[path.path]
    if unknown or query.get("encoding") != "linear16" or not query.get("model"):
        tell(wrong=f"the address has {sorted(unknown)}, {query}")
        return refuse(400, "Bad Request")
    return None


async def serve(link):
    path = urlsplit(link.request.path)
    query = dict(parse_qsl(path.query))
    tell(opened=path.path, query=query)
    hearing = (Listen if path.path == "/v1/listen" else Flux)(link, query)
    try:
        await hearing.begin()
        async for message in link:
            if isinstance(message, bytes):
                await hearing.hear(message)
                continue
            try:
                body = json.loads(message)
                model = CONTROLS[path.path][body["type"]].model_validate(body)
                if extras(model):
                    tell(wrong=f"{body['type']} has {extras(model)}")
                tell(got=body["type"])
                await hearing.control(body["type"])
            except (ValueError, KeyError) as error:
                tell(wrong=f"{message}: {error}")
    except websockets.exceptions.ConnectionClosed:
        pass
    tell(heard=round(hearing.heard_ms))


async def main():
    async with websockets.asyncio.server.serve(serve, "127.0.0.1", 0, process_request=upgrade) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("--fail", type=int)
parser.add_argument("--cut-after", type=float)
parser.add_argument("--transcript", default="what time is it")
options = parser.parse_args()
asyncio.run(main())
