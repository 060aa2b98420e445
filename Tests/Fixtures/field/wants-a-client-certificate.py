# A wss:// server behind mutual TLS: with TLS 1.3 it ends with alert 116 "certificate required" after the handshake, with 1.2 within it.
# Right: "wants a client certificate", and --cert and --key give one. Its own certificate is the authority that it trusts.
# Run: python3 FILE CERTIFICATE KEY [1.2]; it prints its port.
import asyncio, json, ssl, sys, websockets
async def talk(ws, *_):
    await ws.send(json.dumps({"type": "ready", "sessionId": "t"})); await ws.wait_closed()
async def main():
    x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); x.load_cert_chain(sys.argv[1], sys.argv[2])
    x.verify_mode = ssl.CERT_REQUIRED; x.load_verify_locations(sys.argv[1])
    if len(sys.argv) > 3: x.maximum_version = ssl.TLSVersion.TLSv1_2
    async with websockets.serve(talk, "127.0.0.1", 0, ssl=x) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
