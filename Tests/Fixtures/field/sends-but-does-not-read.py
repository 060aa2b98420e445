# The server's read side is blocked while another task goes on sending a keep-alive each second: no ping is ever answered.
# Right: no pong within 10 s is a roundTrip without ms and the finding ping-unanswered; the connection ends with 1006 after as long again.
# Run: python3 FILE [PORT]; it prints its port.
import base64, hashlib, json, socket, sys, threading, time
def text(o): p = json.dumps(o).encode(); return bytes([0x81, len(p)]) + p
def serve(c):
    r = b""
    while b"\r\n\r\n" not in r: r += c.recv(4096)
    key = [l.split(b":", 1)[1].strip() for l in r.split(b"\r\n") if l.lower().startswith(b"sec-websocket-key")][0]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    c.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
        % accept).encode() + text({"type": "ready", "sessionId": "n"}))
    try:
        for i in range(90): time.sleep(1); c.sendall(text({"type": "keepalive", "n": i}))
    except OSError: pass
s = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
print("port", s.getsockname()[1], flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
