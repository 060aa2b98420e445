"""A double of services that speak over WebSockets, for tests: ElevenLabs' `/v1/text-to-speech/VOICE/stream-input` and Deepgram's
`/v1/speak`. Every message is read by the models of the vendors' own SDKs, and every answer is built by them.

  voice_socket_double.py MANNER...

Each sentence gets the next manner; the last one stays: `ok`, `slow` (sound for a minute, in real time), `cut` (the connection is
dropped after a tenth of a second of sound), `silent` (no sound comes). A status as the first manner refuses each connection.

Prints `port N`, then one line of JSON for each thing that happened: {"opened": PATH}, {"asked": TEXT, "number": N}, {"finished":
bytes}, {"gone": bytes}, {"cleared": bytes}, {"wrong": …}.
"""

import base64, json, math, struct, sys, threading
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from deepgram.speak.v1.types import (SpeakV1Clear, SpeakV1Cleared, SpeakV1Close, SpeakV1Flush, SpeakV1Flushed, SpeakV1Metadata,
                                     SpeakV1Text)
from elevenlabs.types import Alignment, AudioOutput, CloseConnection, FinalOutput, InitializeConnection, SendText
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from vendor_models import extras

manners = sys.argv[1:] or ["ok"]
asked = 0
lock = threading.Lock()


def tell(**fact):
    with lock:
        print(json.dumps(fact), flush=True)


def checked(model, said):
    value = model.model_validate(said)
    if odd := extras(value):
        tell(wrong=f"fields that {model.__name__} does not know: {odd}")
    return value


def tone(rate, seconds):
    return b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * i / rate))) for i in range(int(rate * seconds)))


def next_manner(text):
    global asked
    with lock:
        manner = manners[min(asked, len(manners) - 1)]
        asked += 1
        number = asked
    tell(asked=text, number=number)
    return manner


class Cut(Exception):
    pass


class Speaker:
    """Says sentences on a connection, and listens meanwhile."""

    def __init__(self, connection, rate):
        self.connection, self.rate, self.heard = connection, rate, []

    def receive(self):
        return self.heard.pop(0) if self.heard else json.loads(self.connection.recv())

    def say(self, manner, length, send):
        """Returns what has ended it: a message of the client's, or None."""
        piece, sent = tone(self.rate, 0.1), 0
        count = {"slow": 600, "cut": 1, "silent": 600}.get(manner, max(1, length // 10))
        for i in range(count):
            if manner != "silent":
                send(piece, i, count)
                sent += len(piece)
            if manner in ("slow", "silent") and (said := self.wait(0.1, sent)):
                return said
        if manner == "cut":
            raise Cut
        tell(finished=sent)

    def wait(self, seconds, sent):
        try:
            said = json.loads(self.connection.recv(timeout=seconds))
        except TimeoutError:
            return None
        except ConnectionClosed:
            tell(gone=sent)
            raise
        if said.get("type") == "Clear":
            tell(cleared=sent)
            return said
        self.heard.append(said)


def deepgram(connection, query):
    if query.get("encoding") != "linear16" or not query.get("model"):
        tell(wrong=f"the query {query}")
    rate, text, number = int(query["sample_rate"]), "", 0
    speaker = Speaker(connection, rate)
    connection.send(SpeakV1Metadata(type="Metadata", request_id="r", model_name=query["model"], model_version="1",
                                    model_uuid="u").model_dump_json())
    while True:
        said = speaker.receive()
        if said["type"] == "Speak":
            text += checked(SpeakV1Text, said).text
        elif said["type"] == "Flush":
            checked(SpeakV1Flush, said)
            said = speaker.say(next_manner(text), len(text), lambda piece, *_: connection.send(piece))
            text = ""
            if not said:
                connection.send(SpeakV1Flushed(type="Flushed", sequence_id=number).model_dump_json())
                number += 1
        if said and said["type"] == "Clear":
            checked(SpeakV1Clear, said)
            connection.send(SpeakV1Cleared(type="Cleared", sequence_id=number).model_dump_json())
        elif said and said["type"] == "Close":
            checked(SpeakV1Close, said)
            return


def elevenlabs(connection, query):
    kind, rate = query["output_format"].split("_")
    if kind != "pcm" or set(query) - {"output_format", "model_id", "auto_mode", "inactivity_timeout"}:
        tell(wrong=f"the query {query}")
    checked(InitializeConnection, json.loads(connection.recv()))
    text = ""
    while True:
        said = json.loads(connection.recv())
        if said["text"] == "":
            checked(CloseConnection, said)
            break
        text += checked(SendText, said).text
        if not text.endswith(" "):
            tell(wrong=f"a text without a space at its end: {text!r}")

    def send(piece, i, count):
        part = text[len(text) * i // count:len(text) * (i + 1) // count]
        alignment = Alignment.model_validate({"chars": list(part), "charStartTimesMs": [0] * len(part),
                                              "charDurationsMs": [100 // max(1, len(part))] * len(part)})
        output = AudioOutput.model_validate({"audio": base64.b64encode(piece).decode(), "alignment": alignment})
        connection.send(output.model_dump_json(by_alias=True))

    Speaker(connection, int(rate)).say(next_manner(text.rstrip()), len(text), send)
    connection.send(json.dumps({"audio": None} | FinalOutput.model_validate({"isFinal": True}).model_dump(by_alias=True)))


def refuse(connection, request):
    if not (request.headers.get("xi-api-key") or (request.headers.get("Authorization") or "").startswith("Token ")):
        tell(wrong="no key")
    if manners[0].isdigit():
        response = connection.respond(HTTPStatus(int(manners[0])), json.dumps({"detail": {"message": "as the test wants it"}}))
        response.headers["Retry-After"] = "7"
        return response


def handle(connection):
    address = urlsplit(connection.request.path)
    tell(opened=address.path)
    query = dict(parse_qsl(address.query))
    try:
        (deepgram if address.path == "/v1/speak" else elevenlabs)(connection, query)
    except Cut:
        connection.socket.close()
    except ConnectionClosed:
        pass
    except Exception as error:
        tell(wrong=repr(error))


server = serve(handle, "127.0.0.1", 0, process_request=refuse, compression=None)
print("port", server.socket.getsockname()[1], flush=True)
server.serve_forever()
