"""Catch mail on SMTP_PORT and serve the pages on DESK_PORT, until SIGTERM."""

import os
import signal
import threading
from pathlib import Path

from aiosmtpd.controller import Controller

from deploy.local.desk.pages import Pages
from deploy.local.desk.server import Server
from deploy.local.desk.sink import Sink


def main() -> None:
    folder = Path(os.environ["RESUMAX_DATA"]) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    sink = Controller(
        Sink(folder), hostname="127.0.0.1", port=int(os.environ["SMTP_PORT"]), enable_SMTPUTF8=True
    )
    server = Server(int(os.environ["DESK_PORT"]), Pages(folder, os.environ))
    sink.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked.wait()
    server.shutdown()
    sink.stop()


if __name__ == "__main__":
    main()
