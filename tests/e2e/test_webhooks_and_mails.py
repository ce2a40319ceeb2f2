"""What the platform sends of its own accord: to the endpoints of users, and to their inboxes."""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually


class Receiver(ThreadingHTTPServer):
    """Somebody's endpoint. It says 503 to the first request, and takes the others."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/resumax"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(503 if len(self.server.received) == 1 else 204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """The receiver's side, as README.md shows it. Raises ValueError."""
    message, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("too old, or from the future")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message}.{timestamp}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    if not any(hmac.compare_digest(wanted, given) for given in headers["webhook-signature"].split()):
        raise ValueError("not signed with this secret")


def test_a_webhook_is_told_of_an_export_and_told_again_what_it_did_not_take(
    stack: Stack, receiver: Receiver
) -> None:
    person = Person(stack)
    made = person.http.post("/api/v1/webhooks", json={"url": receiver.url}).json()
    export = person.export(person.resume(FULL))
    person.finished(export["jobId"])
    eventually(lambda: len(receiver.received) == 2, within=30)
    first, second = receiver.received
    assert first[1] == second[1]
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    for headers, body in (first, second):
        verify(made["secret"], headers, body)
        with pytest.raises(ValueError, match="not signed"):
            verify(made["secret"], headers, body + b" ")
    told = json.loads(first[1])
    assert (told["type"], told["data"]["exportId"]) == ("export.succeeded", export["exportId"])

    def delivered() -> bool:
        listed = person.http.get(f"/api/v1/webhooks/{made['id']}/deliveries").json()["items"]
        return [(each["state"], each["attempts"], each["status"]) for each in listed] == [
            ("succeeded", 2, 204)
        ]

    eventually(delivered)


def test_whoever_is_mailed_about_exports_can_stop_that_with_one_click(stack: Stack) -> None:
    person = Person(stack)
    eventually(lambda: person.http.get("/account/v1/profile").status_code == 200)
    resume_id = person.resume(FULL)

    def told() -> list[str]:
        return [
            str(mail["List-Unsubscribe"]) for mail in stack.mails(person.email) if mail["List-Unsubscribe"]
        ]

    person.finished(person.export(resume_id, notify=True)["jobId"])
    [link] = eventually(told)
    address = re.fullmatch(r"<(\S+)>", link)
    assert address
    stranger = httpx.Client(trust_env=False)  # no cookie and no token
    page = stranger.get(address[1])
    assert "Unsubscribe from these mails?" in page.text
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert style
    assert stranger.get(str(page.url.join(style[1]))).headers["content-type"].startswith("text/css")
    one_click = stranger.post(address[1], data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    person.finished(person.export(resume_id, notify=True)["jobId"])
    time.sleep(1.5)  # in which the mail would have come
    assert len(told()) == 1
    again = stranger.post(address[1], data={"wish": "subscribe"})
    assert "You are subscribed again" in again.text
    person.finished(person.export(resume_id, notify=True, options={"accent": "#aa0000"})["jobId"])
    eventually(lambda: len(told()) == 2)
    stranger.close()
