"""Opening mailed links, as the owner of the mailbox does."""

from typing import Any

import httpx

PASSWORD = "a staple that nobody knew"


async def verify(client: httpx.AsyncClient, mails: Any, account: Any) -> None:
    """By the link that was mailed when `account` was registered."""
    token = (await mails.wait_for(account.email, "verify-email")).data["token"]
    answer = await client.post("/auth/verify", json={"token": token})
    assert answer.status_code == 204, answer.text


async def by_magic_link(client: httpx.AsyncClient, mails: Any, email: str) -> httpx.Response:
    """The answer to signing in by a mailed link."""
    token = await _mailed(client, mails, email, "/auth/magic-link", "magic-link")
    return await client.post("/auth/magic-link/confirm", json={"token": token})


async def by_reset(client: httpx.AsyncClient, mails: Any, email: str) -> httpx.Response:
    """The answer to signing in with a password that was set by a mailed link."""
    token = await _mailed(client, mails, email, "/auth/password-reset/request", "password-reset")
    body = {"token": token, "password": PASSWORD}
    answer = await client.post("/auth/password-reset/confirm", json=body)
    assert answer.status_code == 204, answer.text
    return await client.post("/auth/login", json={"email": email, "password": PASSWORD})


WAYS = [by_magic_link, by_reset]
"""The links that whoever has the mailbox takes an account over by, as long as its address was not verified."""


async def _mailed(client: httpx.AsyncClient, mails: Any, email: str, route: str, template: str) -> str:
    count = len(mails.to(email, template)) + 1
    assert (await client.post(route, json={"email": email})).status_code == 202
    link: str = (await mails.wait_for(email, template, count=count)).data["link"]
    return link.partition("token=")[2]
