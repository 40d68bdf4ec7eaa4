"""The static client: four pages, nothing but files. In production the same files stand behind the proxy of the host."""
import json
import os
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
BUILD = json.loads((HERE / "build.json").read_text())
PAGES = [
    (re.compile(r"/"), "index.html"),
    (re.compile(r"/auth"), "auth.html"),
    (re.compile(r"/public/qr/[\w-]+"), "vehicle.html"),
    (re.compile(r"/admin"), "admin.html"),
]


class Client(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/web-health":
            return self._send(200, "application/json", b'{"status":"ok"}')
        page = next((file for pattern, file in PAGES if pattern.fullmatch(path)), None)
        if page is None or BUILD["fault"] == "no-pages":
            return self._send(404, "text/plain; charset=utf-8", b"no such page")
        return self._send(200, "text/html; charset=utf-8", (HERE / "pages" / page).read_bytes())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (("content-type", kind), ("content-length", len(body)), ("x-version", BUILD["version"])):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Addresses of people are personal data: no access log."""


def say_alive() -> None:
    while True:
        print(json.dumps({"level": "info", "service": "lifetimecircle-web", "version": BUILD["version"]}), flush=True)
        time.sleep(1)


if __name__ == "__main__":
    threading.Thread(target=say_alive, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8001"))), Client).serve_forever()
