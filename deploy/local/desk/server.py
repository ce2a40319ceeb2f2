"""Serves the pages over HTTP, to the gateway alone."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from deploy.local.desk.pages import Pages


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, pages: Pages) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.pages = pages


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30
    server_version, sys_version = "desk", ""

    def do_GET(self) -> None:
        page = self.server.pages.answer(unquote(urlsplit(self.path).path))
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def log_message(self, *_args: object) -> None:
        """Pages that people look at need no log."""
