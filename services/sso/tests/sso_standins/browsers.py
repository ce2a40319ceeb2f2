"""Somebody's browser, without JavaScript: it keeps cookies, follows redirects, and sends the forms of pages."""

from html.parser import HTMLParser
from typing import Any

import httpx


class _Forms(HTMLParser):
    """The forms of a page, each with its address, method and fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action, method = given.get("action", ""), given.get("method", "get")
            self.forms.append({"action": action, "method": method, "fields": {}})
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1]["fields"][given["name"]] = given.get("value", "")


class Browser:
    """`follows` tells which addresses it opens; another one it only notes (`left_for`): that is the app's."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.http = httpx.AsyncClient(base_url=origin, trust_env=False, timeout=10)
        self.page: httpx.Response | None = None
        self.left_for = ""

    async def open(self, address: str) -> "Browser":
        return await self._follow(await self.http.get(address))

    async def send(self, with_field: str, **fields: str) -> "Browser":
        """Fill in and send the form of the page that has a field of this name."""
        assert self.page is not None
        form = next(form for form in _Forms(self.page.text).forms if with_field in form["fields"])
        answer = await self.http.request(
            form["method"],
            self.page.url.join(form["action"]),
            data=form["fields"] | fields,
            headers={"Origin": self.origin},
        )
        return await self._follow(answer)

    async def _follow(self, answer: httpx.Response) -> "Browser":
        while answer.is_redirect:
            address = answer.url.join(answer.headers["location"])
            if f"{address.scheme}://{address.netloc.decode()}" != self.origin:
                self.left_for = str(address)
                return self
            answer = await self.http.get(address)
        assert answer.status_code == 200, answer.text
        self.page = answer
        return self
