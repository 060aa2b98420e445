"""What comes at a `sidetone serve` that can be reached by others. Arguments: WHAT, PORT, and more. One line for each fact."""

import json, os, socket, struct, sys, time

what, port, rest = sys.argv[1], int(sys.argv[2]), sys.argv[3:]


def dial():
    peer = socket.create_connection(("127.0.0.1", port))
    peer.settimeout(60)
    return peer


def ask(*headers, path="/voice", method="GET", host="127.0.0.1:%d" % port, version="13", key=True, upgrade=True):
    """A request with these headers: the status, the answer's text, and the open connection."""
    peer = dial()
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: " + host]
    if upgrade:
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: " + version]
        if key:
            lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    peer.sendall(("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = peer.recv(1)
        if not more:
            return 0, "", peer
        answer += more
    return int(answer.split()[1]), answer.decode(), peer


def status(*headers, **more):
    code, _, peer = ask(*headers, **more)
    peer.close()
    return code


def enter(path="/voice"):
    """An open WebSocket; those before may not have left quite yet."""
    while True:
        code, answer, peer = ask(path=path)
        if code != 503:
            assert code == 101, answer
            return peer
        peer.close()


def frame(opcode, payload):
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    else:
        head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
    return head + b"\0\0\0\0" + payload


def text(**message):
    return frame(1, json.dumps(message).encode())


def read(peer):
    """One frame: its opcode and its payload; (0, b"") at the end."""
    def exactly(count):
        data = b""
        while len(data) < count:
            more = peer.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data
    try:
        head = exactly(2)
        size = head[1] & 127
        if size == 126:
            size = struct.unpack(">H", exactly(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", exactly(8))[0]
        return head[0] & 15, exactly(size)
    except (EOFError, ConnectionError):
        return 0, b""


def until(peer, kind):
    while True:
        opcode, payload = read(peer)
        if opcode in (0, 8):
            raise SystemExit("the connection ended before %s: %r" % (kind, payload))
        if opcode == 1 and json.loads(payload)["type"] == kind:
            return json.loads(payload)


if what == "origins":
    for origin in rest:
        print("origin", origin, status("Origin: " + origin), flush=True)
    print("none", status())
    print("rebound", status(host="rebound.example:%d" % port))
    print("rebound with its page", status("Origin: http://rebound.example", host="rebound.example"))
    print("two", status("Origin: http://localhost", "Origin: http://localhost"))

elif what == "requests":
    print("page", ask(path="/", upgrade=False)[1].splitlines()[0])
    print("root", status(path="/"))
    print("path", status(path="/other"))
    print("post", status(method="POST", upgrade=False))
    print("head", status(method="HEAD", path="/", upgrade=False))
    print("plain", status(upgrade=False))
    code, answer, _ = ask(version="8")
    print("version", code, "Sec-WebSocket-Version: 13" in answer)
    print("key", status(key=False))
    print("large", status("X-Large: " + "x" * 30000))
    for name, data in [("garbage", os.urandom(8) and b"\0\1\2\3\r\n\r\n"), ("tls", b"\x16\x03\x01\x00\x05hello")]:
        peer = dial()
        peer.sendall(data)
        print(name, peer.recv(12).decode())
        peer.close()

elif what == "guesses":
    token = rest[0]
    begin = time.monotonic()
    waiting = []
    for number in range(6):
        peer = dial()
        peer.sendall(("GET /voice?token=guess%d HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % number).encode())
        waiting.append(peer)
        if number == 0:
            print("first", peer.recv(12).decode(), time.monotonic() - begin >= 0.24)
    code, _, peer = ask("Authorization: Bearer " + token)
    until(peer, "ready")
    # The last guess waits for four seconds: nobody else does.
    waiting[-1].setblocking(False)
    try:
        early = waiting[-1].recv(12)
    except BlockingIOError:
        early = None
    print("right", code, early)
    waiting[-1].setblocking(True)
    print("last", waiting[-1].recv(12).decode(), time.monotonic() - begin >= 4)

elif what == "interrupts":
    peer = enter()
    until(peer, "ready")
    flood = text(type="interrupt") * 1000
    for _ in range(100):
        peer.sendall(flood)
    peer.sendall(text(type="text", text="hello"))
    seen = []
    while not seen or seen[-1] != "response_complete":
        opcode, payload = read(peer)
        seen.append(json.loads(payload)["type"])
    print("interrupted", seen.count("interrupted"))
    peer.sendall(frame(8, struct.pack(">H", 1000)))
    while read(peer)[0]:
        pass

elif what == "empty":
    peer = enter()
    ready = until(peer, "ready")
    peer.sendall(text(type="text", text="my name is ada"))
    until(peer, "response_complete")
    peer.close()
    print("came back", end=" ")
    for _ in range(100):
        peer = enter()
        until(peer, "ready")
        peer.close()
    peer = enter("/voice?session=%s&token=%s" % (ready["sessionId"], ready["resumeToken"]))
    print(until(peer, "ready")["resumed"])

elif what == "idle":
    peer = enter()
    until(peer, "ready")
    # Silence is no sign of life.
    peer.sendall(frame(2, bytes(640)) * 20)
    while True:
        opcode, payload = read(peer)
        if opcode in (0, 8):
            break
    print("closed", struct.unpack(">H", payload[:2])[0] if payload else None, payload[2:].decode())

elif what == "crowd":
    silent = [dial() for _ in range(1000)]
    for peer in silent:
        try:
            peer.sendall(b"GET /voice HTTP/1.1\r\nHost:")
        except OSError:
            pass
    peer = enter()
    print("ready", until(peer, "ready")["type"])

print("done")
