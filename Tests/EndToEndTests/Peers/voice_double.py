"""A double of services that speak over HTTP, for tests: ElevenLabs' `/v1/text-to-speech/VOICE/stream` and OpenAI's
`/v1/audio/speech`. Every request is checked by the types of the vendors' own SDKs, and errors are built by their models.

  voice_double.py MANNER...

Each request gets the next manner; the last one stays: `ok`, `slow` (sound for a minute, in real time), `cut` (the connection is
closed after a tenth of a second of sound), `silent` (no sound comes), or a status with which it is refused.

Prints `port N`, then one line of JSON for each thing that happened: {"asked": TEXT, "number": N, …}, {"finished": bytes}, {"gone":
bytes}, {"wrong": …}.
"""

import json, math, socket, struct, sys, typing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pydantic
from elevenlabs.text_to_speech.types import TextToSpeechStreamRequestOutputFormat
from elevenlabs.types import VoiceSettings
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.shared import ErrorObject

from vendor_models import extras

SPEECH = pydantic.TypeAdapter(SpeechCreateParams)
FORMATS = typing.get_args(typing.get_args(TextToSpeechStreamRequestOutputFormat)[0])
FIELDS = {"text", "model_id", "language_code", "voice_settings", "seed", "previous_text", "next_text", "previous_request_ids",
          "next_request_ids", "apply_text_normalization", "pronunciation_dictionary_locators", "use_pvc_as_ivc",
          "apply_language_text_normalization"}
manners = sys.argv[1:] or ["ok"]
asked = 0


def tell(**fact):
    print(json.dumps(fact), flush=True)


def tone(rate, seconds):
    return b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * i / rate))) for i in range(int(rate * seconds)))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        address = urlsplit(self.path)
        query, parts = dict(parse_qsl(address.query)), address.path.split("/")
        text = self.rfile.read(int(self.headers["content-length"]))
        try:
            body = json.loads(text)
            if address.path == "/v1/audio/speech":
                self.refusal = self.openai_refusal
                said, rate = self.openai(body)
            elif parts[1:3] == ["v1", "text-to-speech"] and parts[4:] == ["stream"]:
                self.refusal = self.elevenlabs_refusal
                said, rate = self.elevenlabs(body, query)
            else:
                return tell(wrong=f"the path {self.path}")
        except (ValueError, KeyError, TypeError) as error:
            tell(wrong=str(error))
            return self.refuse(400, "the request cannot be read")
        global asked
        manner = manners[min(asked, len(manners) - 1)]
        asked += 1
        tell(asked=said, number=asked, path=address.path)
        if manner.isdigit():
            return self.refuse(int(manner), "as the test wants it")
        self.answer(manner, rate, len(said))

    def elevenlabs(self, body, query):
        if not self.headers["xi-api-key"]:
            raise ValueError("no xi-api-key")
        if query["output_format"] not in FORMATS:
            raise ValueError(f"the format {query['output_format']}")
        if set(body) - FIELDS or set(query) - {"output_format", "optimize_streaming_latency", "enable_logging"}:
            raise ValueError(f"what the API does not know: {sorted(body)} {sorted(query)}")
        if "voice_settings" in body and (odd := extras(VoiceSettings.model_validate(body["voice_settings"]))):
            raise ValueError(f"settings that the API does not know: {odd}")
        return body["text"], int(query["output_format"].split("_")[1])

    def openai(self, body):
        if not (self.headers["authorization"] or "").startswith("Bearer "):
            raise ValueError("no key")
        SPEECH.validate_python(body)
        if set(body) - SpeechCreateParams.__required_keys__ - SpeechCreateParams.__optional_keys__:
            raise ValueError(f"fields that the API does not know: {sorted(body)}")
        if body["response_format"] != "pcm":
            raise ValueError("a format that is not made here")
        return body["input"], 24000

    def elevenlabs_refusal(self, status, message):
        return {"detail": {"status": f"status_{status}", "message": message}}

    def openai_refusal(self, status, message):
        return {"error": ErrorObject(message=message, type="invalid_request_error", code=None, param=None).model_dump()}

    def refuse(self, status, message):
        body = json.dumps(self.refusal(status, message)).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status == 429:
            self.send_header("retry-after", "7")
        self.end_headers()
        self.wfile.write(body)

    def answer(self, manner, rate, length):
        self.send_response(200)
        self.send_header("content-type", "audio/pcm")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection, sent = True, 0
        piece = tone(rate, 0.1)
        try:
            while manner == "silent" and not self.is_gone(60):
                pass
            for _ in range({"silent": 0, "slow": 600, "cut": 1}.get(manner, max(1, length // 10))):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
                sent += len(piece)
                if self.is_gone(0.1 if manner == "slow" else 0.001):
                    return tell(gone=sent)
            if manner == "ok":
                self.wfile.write(b"0\r\n\r\n")
                tell(finished=sent)
            elif manner == "silent":
                tell(gone=0)
        except OSError:
            tell(gone=sent)

    def is_gone(self, seconds):
        """Waits, and says whether the client has closed the connection meanwhile."""
        self.connection.settimeout(seconds)
        try:
            return self.connection.recv(1) == b""
        except socket.timeout:
            return False
        finally:
            self.connection.settimeout(None)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print("port", server.server_port, flush=True)
server.serve_forever()
