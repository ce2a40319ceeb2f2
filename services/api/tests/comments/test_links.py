"""What links do for comments: they end all of them at once, and hold only so many. SECURITY 22."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.comments import service
from common.ids import new_id, now
from common.schemas import rfc3339
from common.testing.issuer import Issuer

Ending = Callable[[Any], Awaitable[None]]


async def revoked(link: Any) -> None:
    await link.revoke()


async def expired(link: Any) -> None:
    await link.change(expiresAt=rfc3339(now() + timedelta(seconds=0.5)))
    await asyncio.sleep(0.55)


async def trashed(link: Any) -> None:
    await link.client.delete(link.of.path, headers=link.of.owner)


async def closed(link: Any) -> None:
    await link.change(allowComments=False)


async def locked_up(link: Any) -> None:
    await link.change(password="a long and secret one")


@pytest.mark.parametrize(
    ("end", "status"), [(revoked, 404), (expired, 404), (trashed, 404), (closed, 403), (locked_up, 403)]
)
async def test_the_end_of_a_link_ends_all_of_it_at_once(
    link: Any, replica: httpx.AsyncClient, issuer: Issuer, end: Ending, status: int
) -> None:
    made, charles = await link.say()
    account = issuer.headers("api")
    mine, _ = await link.say(headers=account)
    await end(link)
    for client in (link.client, replica):
        for headers, comment in ((charles, made), (account, mine)):
            answers = [
                await client.get(link.path, headers=headers),
                await client.get(f"{link.path}/parts", headers=headers),
                await client.post(link.path, json={"text": "x", "name": "E"}, headers=headers),
                await client.patch(f"{link.path}/{comment['id']}", json={"text": "x"}, headers=headers),
                await client.delete(f"{link.path}/{comment['id']}", headers=headers),
                await client.post(
                    f"{link.path}/{comment['id']}/replies", json={"text": "x"}, headers=headers
                ),
            ]
            assert {answer.status_code for answer in answers} == {status}


async def test_the_owner_keeps_what_was_said_through_a_link_that_ended(link: Any) -> None:
    made, _ = await link.say("Kept.")
    await link.revoke()
    assert [found["text"] for found in await link.of.comments()] == ["Kept."]
    assert (await link.of.act(made, "replies", {"text": "Thanks."})).status_code == 201


async def test_a_password_stands_before_comments_too(reviewed: Any) -> None:
    link = await reviewed.share(password="a long and secret one")
    assert (await link.post({"text": "x", "name": "E"})).json()["code"] == "SHARE_PASSWORD_REQUIRED"
    path = f"/api/v1/shared/{link.share['slug']}/access"
    access = await link.client.post(path, json={"password": "a long and secret one"})
    shown = {"X-Share-Token": access.json()["token"]}
    made, _ = await link.say(headers=shown)
    assert [found["id"] for found in await link.list(shown)] == [made["id"]]


@pytest.mark.parametrize("fields", [{}, {"password": "a long and secret one"}])
async def test_nothing_of_a_link_that_opens_so_often_is_told_to_who_has_not_opened_it(
    reviewed: Any, issuer: Issuer, fields: dict[str, str]
) -> None:
    link = await reviewed.share(maxViews=9, **fields)
    path, headers = f"/api/v1/shared/{link.share['slug']}", {}
    page = f"/r/{link.share['slug']}"
    browser = {"User-Agent": "Mozilla/5.0 Firefox/140.0", "Origin": issuer.url}
    if fields:
        access = await link.client.post(f"{path}/access", json=fields)
        headers = {"X-Share-Token": access.json()["token"]}
    body = {"text": "x", "name": "E"}
    refused = [
        await link.client.get(link.path, headers=headers),
        await link.client.get(f"{link.path}/parts", headers=headers),
        await link.post(body, headers),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "SHARE_NOT_OPENED")}
    for answer in (
        await link.client.get(f"{page}/comments", headers=browser | headers),
        await link.client.post(f"{page}/comments", data=body, headers=browser | headers),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, page)
    token = {"X-Share-Token": (await link.client.get(path, headers=headers)).headers["x-share-token"]}
    assert (await link.client.get(f"{link.path}/parts", headers=token)).status_code == 200
    await link.say(headers=token)
    shown = await link.client.get(page, headers=browser | headers)
    cookie = {"Cookie": shown.headers["set-cookie"].split(";")[0]}
    assert "HttpOnly" in shown.headers["set-cookie"]
    assert (await link.client.get(f"{page}/comments", headers=browser | cookie)).status_code == 200
    sent = await link.client.post(f"{page}/comments", data=body, headers=browser | cookie)
    assert sent.headers["location"].startswith(f"{page}/comments?sent=1")
    other = await reviewed.share(maxViews=9)
    assert (await link.client.get(f"{other.path}/parts", headers=token)).status_code == 403
    opens = await link.client.get(f"/api/v1/shares/{link.share['id']}", headers=reviewed.owner)
    assert opens.json()["opens"] == 2, "comments take no views"


async def test_a_link_that_takes_no_comments_and_none_at_all_say_so(reviewed: Any) -> None:
    link = await reviewed.share(allowComments=False)
    refused = await link.post({"text": "x", "name": "E"})
    assert (refused.status_code, refused.json()["code"]) == (403, "COMMENTS_NOT_ALLOWED")
    nowhere = await link.client.get(f"/api/v1/shared/{new_id().hex}/comments")
    assert nowhere.status_code == 404


async def test_spam_cannot_fill_what_is_the_owners(link: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_OF_LINK", 3)
    made, charles = await link.say()
    await link.client.post(f"{link.path}/{made['id']}/replies", json={"text": "x"}, headers=charles)
    await link.say(name="Other")
    for path in (link.path, f"{link.path}/{made['id']}/replies"):
        refused = await link.client.post(path, json={"text": "x", "name": "E"})
        assert (refused.status_code, refused.json()["code"]) == (422, "TOO_MANY_COMMENTS")
    assert (await link.of.act(made, "replies", {"text": "The owner may."})).status_code == 201
    await link.of.act(made, "resolve")  # which makes room, and closes the thread
    refused = await link.client.post(f"{link.path}/{made['id']}/replies", json={"text": "x"}, headers=charles)
    assert (refused.status_code, refused.json()["code"]) == (409, "COMMENT_RESOLVED")
    await link.say(headers=charles)
    assert (await (await link.of.share()).say())[0]["text"] == "Good.", "another link has room of its own"
    monkeypatch.setattr(service, "MOST_OF_RESUME", 1)
    refused = await (await link.of.share()).post({"text": "x", "name": "E"})
    assert refused.json()["code"] == "TOO_MANY_COMMENTS"
