"""What is listed stays small and is made beside what others wait for, whatever is said. SECURITY 22."""

import asyncio
import re
import threading
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert

from api.comments import choices, listing
from api.comments.models import Comment
from api.comments.schemas import LONGEST_TEXT
from common.db import Database
from common.ids import new_id, now
from common.testing.issuer import Issuer

BROWSER = {"User-Agent": "Mozilla/5.0 Firefox/140.0"}
LARGEST = 1 << 20


async def fill(database: Database, link: Any, text: str, *, threads: int, replies: int) -> None:
    """Threads that came through a link, as many as it may have."""
    same = {
        "resume_id": UUID(link.of.id),
        "share_id": UUID(link.share["id"]),
        "author": "reviewer",
        "author_name": "&" * 80,
        "target": "resume",
        "text": text,
        "version": 1,
        "created_at": now(),
    }
    rows: list[dict[str, Any]] = []
    for _ in range(threads):
        root = same | {"id": new_id(), "parent_id": None}
        rows += [root, *(same | {"id": new_id(), "parent_id": root["id"]} for _ in range(replies))]
    async with database.write() as db:
        await db.execute(insert(Comment), rows)


async def pages(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """All that a list holds, by pages that are as long as they may be."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        answer = await client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        assert len(answer.content) <= LARGEST
        found += answer.json()["items"]
        if (cursor := answer.json()["nextCursor"]) is None:
            return found


@pytest.mark.parametrize("letter", ["&", '"', "👩", "\n."])
async def test_no_answer_is_larger_than_a_mebibyte_whatever_is_said(
    link: Any, database: Database, letter: str
) -> None:
    text = (letter * LONGEST_TEXT)[:LONGEST_TEXT]
    await fill(database, link, text, threads=12, replies=30)
    for path, headers in ((link.path, {}), (f"{link.of.path}/comments", link.of.owner)):
        threads = await pages(link.client, path, headers)
        assert len({found["id"] for found in threads}) == len(threads) == 12, "none is left out"
        assert {(len(found["replies"]), found["earlierReplies"]) for found in threads} == {(10, 20)}
    replies = await pages(link.client, f"{link.path}/{threads[0]['id']}/replies", {})
    assert len({found["id"] for found in replies}) == 30
    one = await link.client.get(f"/api/v1/comments/{threads[0]['id']}", headers=link.of.owner)
    assert len(one.content) <= LARGEST
    address, seen = f"/r/{link.share['slug']}/comments", 0
    while address:
        page = await link.client.get(address, headers=BROWSER)
        assert page.status_code == 200
        assert len(page.content) <= LARGEST
        seen += page.text.count("<article")
        older = re.search(r'href="(/r/[^"]*cursor=[^"]*)"', page.text)
        address = older[1] if older else ""
    assert seen == 12


async def test_a_thread_comes_with_its_newest_replies_and_the_others_can_be_read(link: Any) -> None:
    made, charles = await link.say("First.")
    for n in range(13):
        answer = await link.client.post(
            f"{link.path}/{made['id']}/replies", json={"text": f"{n}"}, headers=charles
        )
        assert answer.status_code == 201
    expected = [f"{n}" for n in range(3, 13)]
    [mine] = await link.of.comments()
    [theirs] = await link.list(charles)
    for thread in (mine, theirs, await link.of.comment(made)):
        assert [reply["text"] for reply in thread["replies"]] == expected
        assert thread["earlierReplies"] == 13 - listing.SHOWN_REPLIES
    assert theirs["replies"][0]["author"]["isYou"]
    html = (await link.client.get(f"/r/{link.share['slug']}/comments", headers=BROWSER)).text
    assert "Earlier replies: 3" in html
    last = mine["replies"][-1]["id"]
    for path, headers in (
        (f"{link.path}/{made['id']}/replies", charles),
        (f"{link.path}/{last}/replies", charles),
        (f"/api/v1/comments/{last}/replies", link.of.owner),
    ):
        first = (await link.client.get(path, params={"limit": 8}, headers=headers)).json()
        assert [reply["text"] for reply in first["items"]] == [f"{n}" for n in range(12, 4, -1)]
        query = {"limit": 8, "cursor": first["nextCursor"]}
        rest = (await link.client.get(path, params=query, headers=headers)).json()
        assert [reply["text"] for reply in rest["items"]] == [f"{n}" for n in range(4, -1, -1)]
        assert rest["nextCursor"] is None
    path = f"{link.path}/{made['id']}"
    await link.client.post(f"{path}/replies", json={"text": "Mine.", "name": "Ada"})
    assert (await link.client.delete(path, headers=charles)).status_code == 204
    kept = (await link.client.get(f"{path}/replies")).json()["items"]
    assert (len(kept), kept[0]["text"]) == (14, "Mine."), "although what they answer was taken back"


async def test_replies_are_read_as_their_thread_is(link: Any, issuer: Issuer) -> None:
    section = await link.of.section("skills")
    made, _ = await link.say(anchor={"target": "section", "sectionId": section})
    path = f"{link.path}/{made['id']}/replies"
    assert (await link.client.get(path)).json() == {"items": [], "nextCursor": None}
    other = await link.of.share()
    assert (await link.client.get(f"{other.path}/{made['id']}/replies")).status_code == 404
    mine = f"/api/v1/comments/{made['id']}/replies"
    assert (await link.client.get(mine, headers=issuer.headers("api"))).status_code == 404
    hide = {"visible": False}
    await link.client.patch(f"{link.of.path}/sections/{section}", json=hide, headers=link.of.owner)
    assert (await link.client.get(path)).status_code == 404
    assert (await link.client.get(mine, headers=link.of.owner)).status_code == 200


async def test_the_page_of_a_very_long_resume_is_small_and_made_once_beside_the_loop(
    make_reviewed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [{"name": f"{n} " + "&" * 120} for n in range(4900)]
    reviewed = await make_reviewed(content={"basics": {"name": "Ada"}, "work": entries})
    link = await reviewed.share()
    threads: list[str] = []
    make = choices.make

    def noted(*given: Any) -> choices.Choices:
        threads.append(threading.current_thread().name)
        return make(*given)

    monkeypatch.setattr(choices, "make", noted)
    address = f"/r/{link.share['slug']}/comments"
    answers = await asyncio.gather(*(link.client.get(address, headers=BROWSER) for _ in range(6)))
    answers.append(await link.client.get(address, headers=BROWSER))
    assert {answer.status_code for answer in answers} == {200}
    assert [name.split("_")[0] for name in threads] == ["comments"]
    assert max(len(answer.content) for answer in answers) <= LARGEST
    assert answers[0].text.count('value="item:') == choices.MOST
    last = (await link.client.get(f"{link.path}/parts")).json()["sections"][0]["itemIds"][-1]
    await link.say("Of the last one.", anchor={"target": "item", "itemId": last})
    assert "4899 &amp;" in (await link.client.get(address, headers=BROWSER)).text
    await reviewed.put({"basics": {"name": "Ada"}, "work": [{"name": "Another"}]})
    after = (await link.client.get(address, headers=BROWSER)).text
    assert "Another" in after, "what is kept is of the resume as it is"
    assert "4898" not in after
