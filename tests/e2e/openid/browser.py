"""Somebody who signs in to apps with a browser that runs no JavaScript, by the pages that they are shown."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.e2e.people import PASSWORD


class _Forms(HTMLParser):
    """The forms of a page: where each goes, and what its fields and buttons hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.feed(page.partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                {"method": given["method"], "action": given["action"], "fields": {}, "names": set()}
            )
        elif tag in {"input", "button"} and self.forms and "name" in given:
            self.forms[-1]["names"].add(given["name"])
            if tag == "input":
                self.forms[-1]["fields"][given["name"]] = given.get("value", "")


class Visitor:
    """Whoever owns the account `email`. They sign in where they are asked to, and allow what they are asked."""

    def __init__(self, gateway: str, email: str) -> None:
        self._gateway = gateway
        self._answers = {
            "password": {"email": email, "password": PASSWORD},
            "decision": {"decision": "allow"},
        }
        self._http = httpx.Client(base_url=gateway, trust_env=False, timeout=15)

    def close(self) -> None:
        self._http.close()

    def visit(self, address: str) -> str:
        """Go to `address` and through all pages of ours. Where that leads outside; empty if it ends on a page."""
        answer = self._http.get(address)
        while True:
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if not address.startswith(self._gateway):
                    return address
                answer = self._http.get(address)
                continue
            assert answer.status_code == 200, answer.text
            form = self._form_to_send(answer)
            if form is None:
                return ""
            answer = self._http.request(
                form["method"],
                urljoin(str(answer.url), form["action"]),
                data=form["fields"],
                headers={"Origin": self._gateway},
            )

    def _form_to_send(self, page: httpx.Response) -> dict[str, Any] | None:
        """The form of the page that this visitor has an answer to, filled in."""
        for form in _Forms(page.text).forms:
            if "user_code" in form["names"]:
                return form  # the code is there already: it came in the address
            for name, answer in self._answers.items():
                if name in form["names"]:
                    return {**form, "fields": form["fields"] | answer}
        return None
