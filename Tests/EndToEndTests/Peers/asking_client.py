"""A voice client that asks one question by text on each of its connections, Python `websockets`.

  asking_client.py URL TURN...

A turn is `ask` or `cut`, which interrupts after a second of sound. Prints one line of JSON for each: how the answer ended, how many
bytes of sound came, the codes and messages of errors, the voice at the end, and the characters that were paid for.
"""

import asyncio, base64, json, sys
import websockets


async def turn(url, what):
    told = {"audio": 0, "errors": [], "voice": None, "sent": 0, "unheard": 0, "end": None}
    is_over = False
    async with websockets.connect(url) as ws:
        while not is_over:
            event = json.loads(await asyncio.wait_for(ws.recv(), 60))
            kind = event["type"]
            if kind == "ready":
                told["voice"] = event["voice"]
                await ws.send(json.dumps({"type": "text", "text": "what time is it"}))
            elif kind == "audio":
                told["audio"] += len(base64.b64decode(event["data"]))
                if what == "cut" and told["audio"] > 32000:
                    what = "done"
                    await ws.send(json.dumps({"type": "interrupt"}))
            elif kind == "error":
                told["errors"].append([event["code"], event["message"]])
            elif kind == "config_applied":
                told["voice"] = event["voice"]
            elif kind == "metrics" and "tts_chars" in event:
                told["sent"] += event["tts_chars"]
                told["unheard"] += event["tts_unheard"]
            elif kind in ("response_complete", "interrupted"):
                told["end"] = kind
                # What the answer has cost is told behind its end.
                await ws.send(json.dumps({"type": "config"}))
                while json.loads(last := await asyncio.wait_for(ws.recv(), 60))["type"] != "config_applied":
                    event = json.loads(last)
                    if event["type"] == "metrics":
                        told["sent"] += event["tts_chars"]
                        told["unheard"] += event["tts_unheard"]
                is_over = True
    print(json.dumps(told), flush=True)


async def main():
    for what in sys.argv[2:]:
        await turn(sys.argv[1], what)


asyncio.run(main())
