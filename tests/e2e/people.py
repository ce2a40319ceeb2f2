"""Somebody who uses the platform through its gateway."""

import json
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx
import pyotp

from tests.e2e.stack import Stack, eventually

PASSWORD = "correct horse battery staple"


class Person:
    """Registers on creation; `http` carries their access token."""

    def __init__(self, stack: Stack, name: str = "Ada Lovelace") -> None:
        self.stack = stack
        self.email = f"{uuid4().hex}@example.com"
        self.http = stack.client()
        answer = self.http.post(
            "/auth/register", json={"email": self.email, "password": PASSWORD, "name": name}
        )
        assert answer.status_code == 201, answer.text
        self._use(answer)

    def _use(self, answer: httpx.Response) -> None:
        self.tokens = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.tokens['accessToken']}"

    def login(self) -> None:
        answer = self.http.post("/auth/login", json={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self._use(answer)

    def verification_token(self) -> str:
        """The token in the link of the verification mail."""
        return self.verification_link().partition("token=")[2]

    def verification_link(self) -> str:
        mail = eventually(lambda: self.stack.mails(self.email))[0]
        part = mail.get_body(("plain",))
        assert part is not None
        link = re.search(r"https?://\S+[?&]token=[\w-]+", part.get_content())
        assert link, part.get_content()
        return link.group()

    def press(self, page: httpx.Response) -> httpx.Response:
        """Send the one form of a page, as the browser that shows it would."""
        form = Form(page.text)
        origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
        return self.http.request(
            form.method, page.url.join(form.action), data=form.fields, headers={"Origin": origin}
        )

    def resume(self, document: dict[str, Any]) -> str:
        """Import a JSON Resume document; the resume's id."""
        answer = self.http.post("/api/v1/imports", json={"format": "json-resume", "document": document})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["resume"]["id"])

    def export(self, resume_id: str, **options: Any) -> dict[str, str]:
        answer = self.http.post("/api/v1/exports", json={"resumeId": resume_id, "format": "pdf", **options})
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def events(self, job_id: str) -> Iterator[dict[str, Any]]:
        """The states of a job over SSE until the server ends the stream."""
        with self.http.stream("GET", f"/api/v1/jobs/{job_id}/events", timeout=60) as stream:
            assert stream.status_code == 200, stream.read()
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def finished(self, job_id: str, *, within: float = 60.0) -> dict[str, Any]:
        """The job once it is final, by polling."""

        def final() -> dict[str, Any] | None:
            answer = self.http.get(f"/api/v1/jobs/{job_id}")
            if answer.status_code != 200 or answer.json()["state"] not in {
                "succeeded",
                "failed",
                "cancelled",
            }:
                return None
            return dict(answer.json())

        return dict(eventually(final, within=within))

    def download(self, export_id: str) -> bytes:
        answer = self.http.get(f"/api/v1/exports/{export_id}")
        assert answer.status_code == 200, answer.text
        file = httpx.get(answer.json()["downloadUrl"], trust_env=False)
        assert file.status_code == 200, file.text
        return file.content


class Staff:
    """The first member of staff, newly signed in; `http` carries their access token."""

    def __init__(self, stack: Stack) -> None:
        self.http = stack.client()
        login = {"email": "admin@resumax.local", "password": stack.new_staff_password()}
        self._use(self.http.post("/auth/login", json=login))

    def _use(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"

    def set_up_second_factor(self) -> None:
        setup = self.http.post("/auth/mfa/totp").json()
        self.app = pyotp.TOTP(setup["secret"])
        # Of the step before, so that the current one is left to be used; and not at its end, when it is of two ago.
        left = 30 - time.time() % 30
        time.sleep(left if left < 3 else 0)
        confirmed = self.http.post("/auth/mfa/totp/confirm", json={"code": self.app.at(time.time() - 30)})
        assert len(confirmed.json()["recoveryCodes"]) == 10, confirmed.text

    def step_up(self) -> None:
        self._use(self.http.post("/auth/step-up", json={"method": "totp", "code": self.app.now()}))


class Form(HTMLParser):
    """The form of a page: where it goes, and what its fields hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.method, self.action, self.fields = "", "", dict[str, str]()
        self.feed(page.partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.method, self.action = given["method"], given["action"]
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
