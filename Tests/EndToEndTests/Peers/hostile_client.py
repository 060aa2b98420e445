"""Clients that do everything wrong, against `sidetone serve` with room for four. Arguments: URL, PORT. One line for each fact."""

import asyncio, json, os, socket, sys
import websockets

url, port = sys.argv[1], int(sys.argv[2])
ESCAPES = "\x1b[31mRED\x1b[2J\x1b]0;owned\x07\x9b31m\r\n2030-01-01 forged line\u202e"


async def until(ws, *kinds):
    while True:
        message = await asyncio.wait_for(ws.recv(), 60)
        if isinstance(message, str) and (event := json.loads(message))["type"] in kinds:
            return event


async def garbage():
    """Bytes that are no HTTP, and HTTP that is no upgrade."""
    for data in [os.urandom(4096), b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000, b"\x16\x03\x01\x00\x05hello", b"GET /voice HTTP/1.1\r\n"]:
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(data)
    print("garbage sent")


async def wrong():
    async with websockets.connect(url) as ws:
        await until(ws, "ready")
        for text in ['{"type":"audio"', "[]", "", '{"type":7}', '{"type":"audio","audio":7}', '{"type":"audio","audio":"!!"}',
                     '{"type":"config","voice":{"a":[1]},"language":' + json.dumps(ESCAPES) + "}", "[" * 100000,
                     json.dumps({"type": ESCAPES}), json.dumps({"type": "text", "text": ESCAPES}),
                     json.dumps({"type": "config", "api_key": "hunter2hunter2", "note": ESCAPES})]:
            await ws.send(text)
        await ws.send(b"\x01")
        ws.transport.write(b"\x81\x82\x00\x00\x00\x00\xff\xfe")
        await ws.send(json.dumps({"type": "text", "text": "hello"}))
        await until(ws, "response_complete")
        print("wrong types survived")
        await ws.close(4000, "\x1b[31mbye\u202e")


async def huge():
    async with websockets.connect(url, max_size=None) as ws:
        await until(ws, "ready")
        try:
            await ws.send("x" * 100_000_000)
            await ws.wait_closed()
        except websockets.ConnectionClosed:
            pass
        print("huge", ws.close_code)


async def crowd():
    async def one():
        try:
            ws = await websockets.connect(url, open_timeout=60)
            await until(ws, "ready")
            return ws
        except websockets.InvalidStatusCode as refusal:
            return refusal.status_code
    results = await asyncio.gather(*[one() for _ in range(100)])
    inside = [r for r in results if not isinstance(r, int)]
    print("crowd", len(inside), sorted(set(r for r in results if isinstance(r, int))))
    for ws in inside:
        await ws.close()


async def flood():
    """Audio a hundred times as fast as it is spoken, by a client that knows no `pause`, with the `pause` seen."""
    async with websockets.connect(url, max_queue=None) as ws:
        await until(ws, "ready")
        async def push():
            for _ in range(600):
                await ws.send(bytes(640) * 10)
        pushing = asyncio.create_task(push())
        print("flood", (await until(ws, "pause"))["type"])
        await pushing
        print("flood", (await until(ws, "resume"))["type"])


async def vanish():
    """Gone in the middle of a response, without a word."""
    ws = await websockets.connect(url)
    await until(ws, "ready")
    await ws.send(json.dumps({"type": "text", "text": "tell me a story"}))
    await until(ws, "audio")
    ws.transport.abort()
    print("vanished")


async def fine():
    async with websockets.connect(url) as ws:
        await until(ws, "ready")
        await ws.send(json.dumps({"type": "text", "text": "hello"}))
        await until(ws, "response_complete")
        print("still serving", flush=True)


async def main():
    for step in [garbage, wrong, huge, crowd, flood, vanish, fine]:
        for attempt in range(50):
            try:
                await step()
                break
            except websockets.InvalidStatusCode as refusal:
                # Those before have not quite left.
                if refusal.status_code != 503:
                    raise
                await asyncio.sleep(0.2)


asyncio.run(main())
