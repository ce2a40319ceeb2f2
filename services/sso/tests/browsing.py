"""A browser without JavaScript, as tests of pages use one: it keeps cookies, and sends the forms that it was shown."""

import re
from collections.abc import Callable
from typing import Any

import httpx

from common.testing.forms import form

ORIGIN = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}


class Visit:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client, self.cookies = client, dict[str, str]()

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return self._keep(await self._client.get(path, headers=self._headers(headers)))

    async def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        sent = self._headers(ORIGIN | headers)
        return self._keep(await self._client.post(path, data=data or {}, headers=sent))

    async def submit(self, page: httpx.Response, action: str = "", **fields: str) -> httpx.Response:
        """Send the form of `page` whose action begins with `action`."""
        found = form(page.text, action)
        return await self.post(found.action, found.fields | fields)

    async def sign_in(self, email: str, password: str, *, query: str = "") -> httpx.Response:
        page = await self.get(f"/auth/ui/login{query}")
        return await self.submit(page, email=email, password=password)

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers | ({"Cookie": cookies} if cookies else {})

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, value = line.partition(";")[0].split("=", 1)
            self.cookies.pop(name, None)
            if value.strip('"'):
                self.cookies[name] = value
        self._client.cookies.clear()
        return answer


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found, page.text
    return found[1].replace("\u2060", "")


NewVisit = Callable[[], Visit]
