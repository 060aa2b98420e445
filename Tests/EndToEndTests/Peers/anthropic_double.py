"""A double of Anthropic's Messages API, for tests: every request is read by the types of the official Python SDK, and every
event of an answer is built by its models. What those do not know is an error.

  anthropic_double.py [--fail STATUS] [--cut-after N] [--word-ms MS] [--answer TEXT]

Prints `port N`, then one line of JSON for each thing that happened: {"asked": …, "number": N, …}, {"finished": words}, {"gone": words},
{"wrong": …}. An answer comes word by word, so many milliseconds apart. With --fail, each request is refused; with
--cut-after, the connection is closed after so many words.
"""

import argparse, json, socket, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pydantic
from anthropic import types
from anthropic.types.message_create_params import MessageCreateParamsStreaming

ASKED = pydantic.TypeAdapter(MessageCreateParamsStreaming)
asked = 0
ERRORS = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error",
          500: "api_error", 529: "overloaded_error"}


def tell(**fact):
    print(json.dumps(fact), flush=True)


def events(model, words):
    """The events of an answer, as the SDK's models write them; the second of each pair is how many words it holds."""
    usage = types.Usage(input_tokens=10, output_tokens=1)
    message = types.Message(id="msg_1", type="message", role="assistant", model=model, content=[], stop_reason=None,
                            stop_sequence=None, usage=usage)
    yield types.RawMessageStartEvent(type="message_start", message=message), 0
    block = types.TextBlock(type="text", text="", citations=None)
    yield types.RawContentBlockStartEvent(type="content_block_start", index=0, content_block=block), 0
    for i, word in enumerate(words):
        delta = types.TextDelta(type="text_delta", text=word if i == 0 else " " + word)
        yield types.RawContentBlockDeltaEvent(type="content_block_delta", index=0, delta=delta), 1
    yield types.RawContentBlockStopEvent(type="content_block_stop", index=0), 0
    yield types.RawMessageDeltaEvent.model_validate(
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": len(words)}}), 0
    yield types.RawMessageStopEvent(type="message_stop"), 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def refuse(self, status, message):
        body = json.dumps({"type": "error", "error": {"type": ERRORS[status], "message": message}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status == 429:
            self.send_header("retry-after", "7")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/v1/messages":
            tell(wrong=f"the path {self.path}")
        if self.headers["anthropic-version"] not in ("2023-06-01", "2026-10-21"):
            tell(wrong=f"the version {self.headers['anthropic-version']}")
        if not self.headers["x-api-key"]:
            return self.refuse(401, "x-api-key header is required")
        try:
            body = json.loads(text)
            ASKED.validate_python(body)
            unknown = set(body) - MessageCreateParamsStreaming.__required_keys__ - MessageCreateParamsStreaming.__optional_keys__
            if unknown:
                tell(wrong=f"fields that the API does not know: {sorted(unknown)}")
            roles = [message["role"] for message in body["messages"]]
            if roles[0] != "user" or any(a == b for a, b in zip(roles, roles[1:])):
                tell(wrong=f"the order {roles}")
            if any(not message["content"].strip() for message in body["messages"]):
                tell(wrong="a message without words")
        except (ValueError, KeyError, IndexError, AttributeError) as error:
            tell(wrong=str(error))
            return self.refuse(400, "the request cannot be read")
        global asked
        asked += 1
        tell(asked=body["messages"][-1]["content"], number=asked, model=body["model"], limit=body["max_tokens"], system=body["system"],
             count=len(roles))
        if options.fail:
            return self.refuse(options.fail, "as the test wants it")
        self.answer(body["model"])

    def answer(self, model):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        words, sent = options.answer.split(), 0
        try:
            for event, count in events(model, words):
                self.wfile.write(f"event: {event.type}\ndata: {event.model_dump_json()}\n\n".encode())
                self.wfile.flush()
                sent += count
                if options.cut_after and sent >= options.cut_after:
                    return
                if count and self.is_gone(options.word_ms / 1000):
                    return tell(gone=sent)
            tell(finished=sent)
        except OSError:
            tell(gone=sent)

    def is_gone(self, seconds):
        """Waits, and says whether the client has closed the connection meanwhile."""
        self.connection.settimeout(max(seconds, 0.001))
        try:
            return self.connection.recv(1) == b""
        except socket.timeout:
            return False
        finally:
            self.connection.settimeout(None)


parser = argparse.ArgumentParser()
parser.add_argument("--fail", type=int)
parser.add_argument("--cut-after", type=int)
parser.add_argument("--word-ms", type=float, default=1)
parser.add_argument("--answer", default="The harbour is quiet this evening.")
options = parser.parse_args()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print("port", server.server_port, flush=True)
server.serve_forever()
