"""The gateway's Caddyfile, run for real before an upstream that tells what reached it."""

import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from common.edge import DEFAULT_HEADERS
from deploy.local.install import ROOT, VENV
from deploy.local.tests.stack import eventually, free_port


class Upstream(ThreadingHTTPServer):
    """One server for all services: answers with the headers and the path that it was asked for."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Echo)
        self.left = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()


class Echo(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        if self.path == "/api/v1/events":
            return self.stream()
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"data: tick\n\n")
                time.sleep(0.05)
        except OSError:
            self.server.left.set()

    def log_message(self, *_args: object) -> None:
        pass


class Gateway:
    def __init__(self, port: int, upstream_port: int) -> None:
        self.port, self.upstream_port = port, upstream_port

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, Any], http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = json.loads(response.read())
        connection.close()
        return response.status, body, response.headers


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder, gateway = tmp_path_factory.mktemp("caddy"), Gateway(free_port(), free_port())
    names = ("SSO", "API", "ACCOUNT", "ADMIN", "PROCESSOR", "DESK")
    environ = {
        **os.environ,
        **{f"RESUMAX_{name}_URL": f"http://127.0.0.1:{gateway.upstream_port}" for name in names},
        "PORT": str(gateway.port), "RESUMAX_PUBLIC_URL": "http://localhost",
        "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    command = [str(VENV / "bin/caddy"), "run", "--config", str(ROOT / "deploy/caddy/Caddyfile")]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, env=environ, stderr=log)
    eventually(lambda: is_listening(gateway.port))
    yield gateway
    process.terminate()
    process.wait(10)


@pytest.fixture
def upstream(gateway: Gateway) -> Iterator[Upstream]:
    upstream = Upstream(gateway.upstream_port)
    yield upstream
    upstream.end()


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


PUBLIC = [
    "/", "/auth/login", "/oauth2/token", "/.well-known/jwks.json", "/api/v1/resumes?q=a%2Fb", "/r/internal",
    "/r/ada/metrics", "/account/v1/me", "/admin/v1/audit", "/render/v1/previews", "/mail/", "/desk/desk.css",
]  # fmt: skip
HIDDEN = [
    "/internal", "/internal/users/1", "/metrics", "/healthz", "/readyz", "/api/internal/versions/1",
    "/api/v1/internal/versions/1", "/auth/internal/users", "/admin/v1/metrics", "/render/readyz", "/INTERNAL/users",
    "/api/v1/Internal", "//internal/users", "/api/../internal/users", "/api/%2e%2e/internal/users",
    "/api/..%2finternal/users", "/api/v1/../../metrics", "/./metrics", "/%69nternal/users", "/api//internal/users",
    "/api/v1/%69nternal/x", "/account/;/../internal", "/unknown",
]  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_public_paths_arrive_as_they_were_asked_for(gateway: Gateway, upstream: Upstream, path: str) -> None:
    status, echo, _ = gateway.ask(path)
    assert (status, echo["path"]) == (200, path)


@pytest.mark.parametrize("path", HIDDEN)
def test_what_is_for_operators_is_never_routed(gateway: Gateway, upstream: Upstream, path: str) -> None:
    status, problem, headers = gateway.ask(path)
    assert (status, problem.get("code")) == (404, "NOT_FOUND"), problem
    assert headers["Content-Type"] == "application/problem+json"


def test_a_request_id_passes_through(gateway: Gateway, upstream: Upstream) -> None:
    _, echo, _ = gateway.ask("/api/v1/x", **{"X-Request-Id": "abc-1_Z9"})
    assert echo["headers"]["X-Request-Id"] == "abc-1_Z9"
    _, problem, headers = gateway.ask("/metrics", **{"X-Request-Id": "abc-1_Z9"})
    assert headers["X-Request-Id"] == problem["requestId"] == "abc-1_Z9"


@pytest.mark.parametrize(
    "given", ["short", "a" * 65, "dotted.id.1", '","injected":"', "abc-1_Z9, abc-1_Z9", ""]
)
def test_a_bad_request_id_is_replaced(gateway: Gateway, upstream: Upstream, given: str) -> None:
    _, problem, headers = gateway.ask("/metrics", **{"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f-]{36}", problem["requestId"])
    assert headers["X-Request-Id"] == problem["requestId"]
    _, echo, _ = gateway.ask("/api/v1/x", **{"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f-]{36}", echo["headers"]["X-Request-Id"])


def test_a_second_request_id_is_not_smuggled_in(gateway: Gateway) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.putrequest("GET", "/metrics")
    connection.putheader("X-Request-Id", "abc-1_Z9")
    connection.putheader("X-Request-Id", '","injected":"')
    connection.endheaders()
    problem = json.loads(connection.getresponse().read())
    connection.close()
    assert re.fullmatch("[0-9a-f-]{36}", problem["requestId"])


@pytest.mark.parametrize(("path", "status"), [("/unknown", 404), ("/metrics", 404), ("/api/v1/x", 503)])
def test_what_the_gateway_answers_itself_is_as_secure_as_what_services_answer(
    gateway: Gateway, path: str, status: int
) -> None:
    answered, _, headers = gateway.ask(path)
    assert answered == status
    for name, value in DEFAULT_HEADERS:
        assert headers.get_all(name.decode()) == [value.decode()], name


def test_what_a_service_answers_keeps_its_own_headers(gateway: Gateway, upstream: Upstream) -> None:
    _, _, headers = gateway.ask("/api/v1/x")
    assert headers.get_all("Content-Security-Policy") is None


def test_a_caller_cannot_pretend_to_be_another_address(gateway: Gateway, upstream: Upstream) -> None:
    _, echo, _ = gateway.ask(
        "/auth/x", **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    )
    assert echo["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert echo["headers"]["X-Forwarded-Host"] == f"127.0.0.1:{gateway.port}"


def test_events_stream_at_once_and_the_service_learns_when_the_client_leaves(
    gateway: Gateway, upstream: Upstream
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=2)
    connection.request("GET", "/api/v1/events")
    response = connection.getresponse()
    assert response.readline() == b"data: tick\n"
    response.close()
    connection.close()
    assert upstream.left.wait(5)


def test_a_service_that_restarts_loses_no_request(gateway: Gateway) -> None:
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(gateway.ask("/api/v1/x")[0]))
    asking.start()
    time.sleep(0.5)
    upstream = Upstream(gateway.upstream_port)
    asking.join(10)
    upstream.end()
    assert answers == [200]


def test_a_service_that_stays_away_is_a_problem_document(gateway: Gateway) -> None:
    status, problem, headers = gateway.ask("/api/v1/x")
    assert status == 503
    assert headers["Retry-After"] == "1"
    assert problem.keys() == {"type", "title", "status", "detail", "code", "requestId"}
    assert (problem["status"], problem["type"]) == (503, "http://localhost/problems/unavailable")


def test_the_caddyfiles_are_formatted() -> None:
    for name in ("Caddyfile", "compose.Caddyfile"):
        path = Path(ROOT / "deploy/caddy" / name)
        result = subprocess.run(
            [VENV / "bin/caddy", "fmt", path], capture_output=True, text=True, check=False
        )
        assert result.stdout == path.read_text()


def test_the_containers_door_is_one_that_caddy_can_open() -> None:
    path = ROOT / "deploy/caddy/compose.Caddyfile"
    result = subprocess.run(
        [VENV / "bin/caddy", "validate", "--adapter", "caddyfile", "--config", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
