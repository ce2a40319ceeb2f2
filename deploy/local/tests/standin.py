"""A component that answers 200 on its port and writes down when it starts and stops."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

name = sys.argv[1]
port = int(os.environ["PORT" if name == "gateway" else f"{name.upper()}_PORT"])


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


def note(what: str) -> None:
    with open(Path(os.environ["RESUMAX_DATA"]) / "order", "a") as file:
        file.write(f"{name} {what}\n")


def stop(*_args: object) -> None:
    note("stopped")
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
note("started")
print(f"hello from {name}", flush=True)
server.serve_forever()
