import re
from collections.abc import Awaitable, Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

Share = dict[str, Any]
MakeShare = Callable[..., Awaitable[Share]]

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
ADA = {
    "basics": {
        "name": "Ada Lovelace",
        "label": "Analyst",
        "email": "ada@example.org",
        "phone": "+44 20 7946 0000",
        "url": "https://www.ada.example/",
        "summary": "Wrote the first program.",
        "location": {"address": "12 St James's Square", "city": "London", "countryCode": "GB"},
        "profiles": [{"network": "GitHub", "username": "ada", "url": "https://github.example/ada"}],
    },
    "work": [{"name": "Analytical Engine", "position": "Programmer", "startDate": "1842-03"}],
    "skills": [{"name": "Mathematics", "level": "Master", "keywords": ["Bernoulli numbers"]}],
}


class Read(HTMLParser):
    """The words of a page, its headings, its links, and all of its tags and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.headings = list[str](), list[tuple[str, str]]()
        self.tags = list[tuple[str, dict[str, str]]]()
        self._inside: list[str] = []
        self.feed(page)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def links(self) -> list[dict[str, str]]:
        return [given for tag, given in self.tags if tag == "a"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._inside and "script" not in self._inside:
            self.words.append(data)
        heading = next((tag for tag in self._inside if re.fullmatch("h[1-6]", tag)), None)
        if heading and data.strip():
            self.headings.append((heading, data.strip()))


@pytest.fixture
def read_page() -> type[Read]:
    """Reads a page."""
    return Read


@pytest.fixture
def make_share(client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any) -> MakeShare:
    """Makes a link to a new resume of `owner`, or to the one whose path is given."""

    async def make(resume: str = "", content: Any = ADA, language: str = "en", **fields: Any) -> Share:
        path = resume or await make_resume(content=content, language=language)
        answer = await client.post(f"{path}/shares", json=fields, headers=owner)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return make


@pytest.fixture
def opened(client: httpx.AsyncClient) -> Callable[..., Awaitable[httpx.Response]]:
    """Opens a link as a browser does."""

    async def open_(share: Share | str, what: str = "", **options: Any) -> httpx.Response:
        slug = share if isinstance(share, str) else share["slug"]
        headers = BROWSER | options.pop("headers", {})
        return await client.get(f"/r/{slug}{what}", headers=headers, **options)

    return open_
