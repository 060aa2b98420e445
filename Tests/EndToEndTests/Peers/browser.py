"""A page in a real browser: serves it on 127.0.0.1, opens it in headless Chromium with a file as its microphone, and prints
what the page reports, a line each, until it says `done` or `failed`.

Arguments: the unpacked folder that Chromium is in, a WAV file, the page, the server's ws:// URL.
"""

import http.server, os, queue, signal, subprocess, sys, tempfile, threading, urllib.parse

folder, microphone, page, url = sys.argv[1:5]
reports = queue.Queue()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(page, "rb") as file:
            body = file.read()
        self.answer(200 if self.path.startswith("/?") else 404, body)

    def do_POST(self):
        reports.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer(200, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
libraries = [f"{folder}/usr/lib/x86_64-linux-gnu", f"{folder}/usr/lib/aarch64-linux-gnu", f"{folder}/lib/x86_64-linux-gnu"]
with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as errors:
    # Its own home, fonts and settings: nothing of this machine is read or written.
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": ":".join(filter(os.path.isdir, libraries)),
        "FONTCONFIG_PATH": f"{folder}/etc/fonts",
    }
    browser = subprocess.Popen(
        [
            f"{folder}/usr/lib/chromium/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--no-proxy-server", "--disable-background-networking", "--disable-component-update",
            "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}%noloop",
            "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required", "--disable-audio-output",
            f"--user-data-dir={home}/profile",
            f"http://127.0.0.1:{server.server_port}/?url={urllib.parse.quote(url, safe='')}",
        ],
        env=environment, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True,
    )
    line = ""
    try:
        while line.split(" ")[0] not in ("done", "failed"):
            line = reports.get(timeout=120)
            print(line, flush=True)
    except queue.Empty:
        errors.seek(0)
        print("the page fell silent", errors.read()[-3000:].decode(errors="replace"), file=sys.stderr)
        sys.exit(1)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
