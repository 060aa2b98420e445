# The upgrade is refused with the reason in a JSON body (/401), in a header (/400), in plain text (/503) or in a page (/403).
# Right: the server's own words are shown and are in the log; who gave a credential is not told to give one.
# Run: python3 FILE [PORT]; it prints its port.
import socket, sys, threading
REFUSALS = {
    "401": ("401 Unauthorized", "Content-Type: application/json\r\n",
            '{"error":{"code":"invalid_api_key","message":"The key wrong-key-123 is not valid for this project"}}'),
    "400": ("400 Bad Request", "x-error: unknown model nova-9\r\nx-request-id: 123\r\n", ""),
    "503": ("503 Service Unavailable", "Content-Type: text/plain\r\nRetry-After: 1\r\n", "model is loading, \x1b[2Jabout 40 s"),
    "403": ("403 Forbidden", "Content-Type: text/html\r\n", "<html><body><h1>Not on the list</h1></body></html>"),
}
def serve(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(4096)
        if not more: return c.close()
        request += more
    status, headers, body = REFUSALS[request.split()[1].decode().strip("/").split("?")[0] or "401"]
    c.sendall(("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)).encode())
    c.recv(1); c.close()
s = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
print("port", s.getsockname()[1], flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
