"""A voice server that does everything wrong, one fault for each path. Python `websockets`; prints its ports.

    port N       WebSocket; the path names the fault
    banner N     TCP that greets like another protocol
    silent N     TCP that accepts and says nothing
    tls N        WebSocket over TLS, when a certificate and its key are given as arguments
"""

import asyncio, base64, http, json, math, ssl, struct, sys
import websockets

# What a terminal would obey: colour, cursor home and clear, title, a C1 control, a bell, carriage return, a bidi override.
ESCAPES = "\x1b[31mRED\x1b[2J\x1b[H\x1b]0;owned\x07\x9b31m\b\r\n\u202eevil"


def say(**fields):
    return json.dumps(fields)


def tone(milliseconds, hertz=440, rate=16000):
    count = rate * milliseconds // 1000
    return b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * n / rate))) for n in range(count))


def audio(payload):
    return say(type="audio", data=base64.b64encode(payload).decode())


def frame(opcode, payload):
    """A frame that `websockets` would refuse to send."""
    n = len(payload)
    length = bytes([n]) if n < 126 else b"\x7e" + struct.pack(">H", n)
    return bytes([0x80 | opcode]) + length + payload


async def malformed(ws):
    for text in ['{"type":"audio"', "[1,2]", '"ready"', "", '{"type":5}', '{"text":"no type"}', "null", "{}" * 3]:
        await ws.send(text)


async def unknown(ws):
    for n in range(50):
        await ws.send(say(type="weather", number=n))
    await ws.send(say(type="transcript_final", text=["of", "another", "kind"]))


async def base64_(ws):
    for data in ["!!!!", "AAA", "====", "AAAA\u00e4", 7, None, {"a": 1}]:
        await ws.send(say(type="audio", data=data))


async def odd(ws):
    whole = tone(1000)
    for start in range(0, len(whole), 321):
        await ws.send(whole[start:start + 321])
    await ws.send(say(type="response_complete"))
    for start in range(0, len(whole), 99):
        await ws.send(audio(whole[start:start + 99]))
    await ws.send(say(type="response_complete"))


async def utf8(ws):
    ws.transport.write(frame(1, b'{"type":"transcript_final","text":"\xff\xfe\xc3"}'))
    ws.transport.write(frame(1, b"\x80" * 50))


async def deep(ws):
    await ws.send("[" * 100000 + "]" * 100000)
    await ws.send('{"type":"config_applied","a":' * 1 + '{"a":' * 50000 + "1" + "}" * 50001)


async def burst(ws):
    """100 000 messages as fast as they go, then a sign that they are through."""
    tiny = say(type="metrics", turn=1)
    for _ in range(100):
        for _ in range(1000):
            await ws.send(tiny)
    await ws.send(say(type="transcript_final", text="after the burst"))


async def large(ws):
    """Messages just below the limit, as fast as they go."""
    for n in range(4):
        await ws.send(say(type="blob", data="x" * (15 << 20)))
    await ws.send(say(type="transcript_final", text="after the flood"))


async def escapes(ws):
    for kind in ["transcript_interim", "transcript_final", "response_text"]:
        await ws.send(say(type=kind, text=ESCAPES))
    await ws.send(say(type="error", message=ESCAPES, code=ESCAPES))
    await ws.send(say(type="config_applied", voice=ESCAPES, **{ESCAPES: 1}))
    await ws.send(say(type=ESCAPES, text=ESCAPES))
    await ws.send(say(type="audio", data="AAAA", format=ESCAPES))
    ws.transport.write(frame(1, b'{"type":"\x1b[31mraw\x9b","text":"\x1b]0;owned\x07"}'))
    await ws.send(b"\x1b[2J" * 100)
    await ws.send(say(type="transcript_final", text="all escapes sent"))


async def endless(ws):
    """A response that goes on and on, in real time."""
    await ws.send(say(type="response_text", text="Once upon a time "))
    piece = audio(tone(100))
    while True:
        await ws.send(piece)
        await asyncio.sleep(0.1)


async def unfinished(ws):
    await ws.send(say(type="transcript_final", text="hello"))
    await ws.send(audio(tone(500)))


async def late(ws):
    """Cuts each of five responses by itself, and goes on sending it."""
    for _ in range(5):
        await ws.send(audio(tone(2000)))
        await asyncio.sleep(0.3)
        await ws.send(say(type="interrupted"))
        await ws.send(audio(tone(100, hertz=880)))
        await ws.send(say(type="response_complete"))
        await asyncio.sleep(0.3)


FAULTS = {"malformed": malformed, "unknown": unknown, "base64": base64_, "odd": odd, "utf8": utf8, "deep": deep,
          "burst": burst, "large": large, "escapes": escapes, "endless": endless, "unfinished": unfinished, "late": late}
connections = {}


async def serve(ws, path):
    fault = path.strip("/").split("?")[0]
    number = connections[fault] = connections.get(fault, 0) + 1
    print("connected", fault, number, flush=True)
    try:
        if fault == "never-ready":
            await ws.wait_closed()
        elif fault == "slam":
            await ws.send(say(type="ready", sessionId="s_slam"))
            await ws.close(1011, "I fell over " + "\x1b[31m")
        elif fault == "huge" and number == 1:
            await ws.send(say(type="ready", sessionId="s_huge"))
            await ws.send("x" * 100_000_000)
        elif fault == "bad-frame" and number == 1:
            await ws.send(say(type="ready", sessionId="s_frame"))
            ws.transport.write(b"\xff\xff\xff\xff")
        else:
            await ws.send(say(type="ready", sessionId=ESCAPES if fault == "escapes" else "s_" + fault))
            if fault in FAULTS:
                await FAULTS[fault](ws)
            await ws.send(say(type="transcript_final", text="still here"))
        async for message in ws:
            if isinstance(message, str) and '"audio"' not in message[:40]:
                print("received", message[:200], flush=True)
    except websockets.ConnectionClosed:
        pass
    print("closed", fault, ws.close_code, flush=True)


async def refuse(path, headers):
    """HTTP statuses, as in /status/404."""
    if path.startswith("/status/"):
        return http.HTTPStatus(int(path.split("/")[2])), [("X-Trap", "none")], b"\x1b[31mgo away\n"


async def banner(reader, writer):
    writer.write(b"SSH-2.0-Open\x1b[31mSSH_9.2\r\n")
    await reader.read(1)
    writer.close()


async def silent(reader, writer):
    await reader.read(1 << 20)
    await asyncio.sleep(60)


async def main(certificate=None, key=None):
    options = dict(max_size=None, ping_interval=None, process_request=refuse, close_timeout=2)
    good = await websockets.serve(serve, "127.0.0.1", 0, **options)
    servers = {"port": good, "banner": await asyncio.start_server(banner, "127.0.0.1", 0),
               "silent": await asyncio.start_server(silent, "127.0.0.1", 0)}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        servers["tls"] = await websockets.serve(serve, "127.0.0.1", 0, ssl=context, **options)
    for name, server in servers.items():
        print(name, server.sockets[0].getsockname()[1], flush=True)
    print("listening", flush=True)
    await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
