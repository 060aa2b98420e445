"""A server that floods its client, over a plain socket: as much as TCP takes, and no faster. Prints its port.

    /turns               turns without end: a final transcript, an answer of a few words, its end
    /answer/MEGABYTES    one answer of so much text
    /types/COUNT         so many messages, each of a type that no other has

The last two end with the user's words `that was all of it`, said again and again: who is behind may lose some.
"""

import base64, hashlib, json, socket, struct, threading, time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(**fields):
    payload = json.dumps(fields).encode()
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
    return b"\x81" + length + payload


def turn(number):
    return (frame(type="transcript_final", text=f"question {number}")
            + frame(type="response_text", text=f"answer {number}") + frame(type="response_complete"))


def turns():
    number = 0
    while True:
        yield b"".join(turn(number + i) for i in range(100))
        number += 100


def answer(megabytes):
    yield frame(type="transcript_final", text="tell me everything")
    piece = frame(type="response_text", text="and so it goes on and on, " * 20)
    for _ in range(int(megabytes) * 10_000 // len(piece)):
        yield piece * 100
    yield from end()


def types(count):
    for start in range(0, int(count), 100):
        yield b"".join(frame(type=f"type_{n}_of_a_peer_that_invents_them", n=n) for n in range(start, start + 100))
    yield from end()


def end():
    while True:
        yield frame(type="transcript_final", text="that was all of it")
        time.sleep(0.5)


FLOODS = {"turns": turns, "answer": answer, "types": types}


class Link:
    """Sends whole frames from two threads: the flood, and answers to pings between two pieces of it."""

    def __init__(self, peer):
        self.peer, self.lock = peer, threading.Lock()

    def send(self, data):
        with self.lock:
            self.peer.sendall(data)

    def take(self, count):
        data = b""
        while len(data) < count:
            got = self.peer.recv(count - len(data))
            if not got:
                raise OSError("gone")
            data += got
        return data

    def listen(self):
        try:
            while True:
                first, length = self.take(2)
                length &= 0x7F
                if length > 125:
                    length = int.from_bytes(self.take(2 if length == 126 else 8), "big")
                mask = self.take(4)
                payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.take(length)))
                if first & 0x0F == 9:
                    self.send(bytes([0x8A, length]) + payload)
        except OSError:
            self.peer.close()


def serve(peer):
    try:
        request = b""
        while b"\r\n\r\n" not in request:
            got = peer.recv(4096)
            if not got:
                return
            request += got
        lines = request.decode("latin-1").split("\r\n")
        fields = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        proof = base64.b64encode(hashlib.sha1(fields["sec-websocket-key"].encode() + GUID).digest())
        peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n")
        link = Link(peer)
        link.send(frame(type="ready", sessionId="s_flood"))
        threading.Thread(target=link.listen, daemon=True).start()
        name, *arguments = lines[0].split()[1].split("?")[0].strip("/").split("/")
        for piece in FLOODS[name](*arguments):
            link.send(piece)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
