# A virtual host: two Host lines, or another one than voice.example.org, are answered with 400 (RFC 9112 section 3.2). Before the
# 101 it says 100 and 103, and of the subprotocols that are offered it takes the last.
# Right: one Host line, the user's; the session becomes ready; the chosen subprotocol is shown.
# Run: python3 FILE [PORT]; it prints its port.
import base64, hashlib, json, socket, sys, threading
def serve(c):
    r = b""
    while b"\r\n\r\n" not in r: r += c.recv(4096)
    lines = [l.split(":", 1) for l in r.decode().split("\r\n")[1:] if ":" in l]
    values = lambda name: [v.strip() for n, v in lines if n.strip().lower() == name]
    if values("host") != ["voice.example.org"] or len(values("upgrade")) != 1:
        c.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"); return c.close()
    accept = base64.b64encode(hashlib.sha1((values("sec-websocket-key")[0] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    chosen = ", ".join(values("sec-websocket-protocol")).split(", ")[-1]
    c.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
    p = json.dumps({"type": "ready", "sessionId": "h"}).encode()
    c.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%sSec-WebSocket-Accept: %s\r\n\r\n"
        % ("Sec-WebSocket-Protocol: %s\r\n" % chosen if chosen else "", accept)).encode() + bytes([0x81, len(p)]) + p)
    while c.recv(4096): pass
s = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
print("port", s.getsockname()[1], flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
