"""A browser, as far as signing in goes: it keeps cookies, and does not follow redirects by itself."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

PUBLIC_URL = "https://resumax.test"
OURS = {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}


class Browser:
    def __init__(self, client: httpx.AsyncClient, **headers: str) -> None:
        self._client, self._headers = client, headers
        self.cookies: dict[str, str] = {}

    async def get(self, url: str, **kwargs: Any) -> httpx.Response:
        return await self.request("GET", url, **kwargs)

    async def post(self, url: str, **kwargs: Any) -> httpx.Response:
        kwargs["headers"] = OURS | kwargs.get("headers", {})
        return await self.request("POST", url, **kwargs)

    async def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        """To us, by the public address or a path; the cookies are ours alone."""
        headers = {**self._headers, **kwargs.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self._client.request(method, url.removeprefix(PUBLIC_URL), headers=headers, **kwargs)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";", 1)[0].partition("=")
            if value.strip('"'):
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    async def go(self, provider: str = "acme", **query: str) -> str:
        """To the provider and through it: the address at which the browser comes back."""
        started = await self.get(f"/auth/oauth/{provider}/start", params=query)
        assert started.status_code == 303, started.text
        return await self.through(started.headers["location"])

    async def through(self, address: str) -> str:
        async with httpx.AsyncClient(trust_env=False, verify=False) as away:
            answer = await away.get(address)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, provider: str = "acme", **query: str) -> httpx.Response:
        """What we answer when the browser is back from the provider."""
        return await self.get(await self.go(provider, **query))

    @property
    def is_signed_in(self) -> bool:
        return "__Host-resumax_refresh" in self.cookies

    async def access_token(self) -> str:
        answer = await self.post("/auth/refresh")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["accessToken"])

    async def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.access_token()}"}

    async def me(self) -> dict[str, Any]:
        return dict((await self._client.get("/auth/me", headers=await self.headers())).json())

    async def identities(self) -> list[dict[str, Any]]:
        answer = await self._client.get("/auth/identities", headers=await self.headers())
        return list(answer.json()["items"])


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
