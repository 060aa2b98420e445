"""An HTTP proxy that knows CONNECT and wants `me:s3cret-pw`. It leads every host to this machine.

    port N
    CONNECT HOST:PORT 200|407|403     for each request; `forbidden.test` is forbidden
"""

import base64, socket, threading


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def refuse(client, target, status, body):
    print("CONNECT", target, status.split()[0], flush=True)
    client.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    client.close()


def serve(client):
    request = b""
    while b"\r\n\r\n" not in request:
        more = client.recv(4096)
        if not more:
            return client.close()
        request += more
    lines = request.decode().split("\r\n")
    target = lines[0].split()[1]
    host, port = target.rsplit(":", 1)
    token = base64.b64encode(b"me:s3cret-pw").decode()
    if f"Proxy-Authorization: Basic {token}" not in lines:
        return refuse(client, target, "407 Proxy Authentication Required", "")
    if host == "forbidden.test":
        return refuse(client, target, "403 Forbidden", "not this host")
    print("CONNECT", target, 200, flush=True)
    server = socket.create_connection(("127.0.0.1", int(port)))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)


listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
