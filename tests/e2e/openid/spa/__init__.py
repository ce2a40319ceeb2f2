"""An app that runs in the browser, served from an origin of its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from common.testing import npm

PACKAGE = "oidc-client-ts@3.5.0"


class _Quiet(SimpleHTTPRequestHandler):
    """Files of the app, and the library that it stands on."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test says what went wrong."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The origin where the files of `folder` are; it is another site than the platform's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def assemble(folder: Path) -> None:
    """Put the app and its library into `folder`."""
    here = Path(__file__).parent
    library = npm.installed(PACKAGE) / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
    for name in ("index.html", "app.js"):
        (folder / name).write_bytes((here / name).read_bytes())
    (folder / "oidc-client-ts.js").write_bytes(library.read_bytes())


def configure(folder: Path, *, issuer: str, client_id: str) -> None:
    (folder / "app.json").write_text(json.dumps({"issuer": issuer, "clientId": client_id}))
