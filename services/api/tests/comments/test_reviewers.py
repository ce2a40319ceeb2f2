"""Reviewers: only through a link that takes comments and works, only on what it shows, only their own words to change.

SECURITY 22 for those who have no account.
"""

from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.testing.issuer import Issuer


async def test_somebody_without_an_account_comments_and_is_known_by_their_token(link: Any) -> None:
    made, charles = await link.say("Which program?", anchor={"target": "basics", "path": "/summary"})
    assert made["author"] == {"kind": "reviewer", "name": "Charles", "isYou": True}
    assert [found["author"]["isYou"] for found in await link.list(charles)] == [True]
    assert [found["author"]["isYou"] for found in await link.list()] == [False]
    again, same = await link.say("And who?", name="C. Babbage", headers=charles)
    assert same == charles, "no second token"
    assert again["author"]["name"] == "C. Babbage"
    [_, found] = await link.of.comments()
    assert (found["text"], found["shareId"]) == ("Which program?", link.share["id"])
    assert "resumeId" not in made
    assert "shareId" not in made


async def test_an_account_is_known_without_a_token_and_its_owner_as_the_owner(
    link: Any, issuer: Issuer
) -> None:
    account = issuer.headers("api")
    made, _ = await link.say(headers=account)
    answer = await link.post({"text": "No name this time."}, account)
    assert answer.status_code == 201, answer.text
    assert answer.json()["reviewerToken"] is None
    assert all(found["author"]["isYou"] for found in await link.list(account))
    assert not any(found["author"]["isYou"] for found in await link.list(issuer.headers("api")))
    mine = await link.post({"text": "From me."}, link.of.owner)
    assert mine.json()["comment"]["author"] == {"kind": "owner", "name": None, "isYou": True}
    assert (await link.list())[0]["text"] == "From me.", "reviewers see it, as it came through their link"
    assert made["author"]["kind"] == "reviewer"


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 81, "a\nb"])
async def test_who_has_no_name_says_nothing(link: Any, name: str | None) -> None:
    answer = await link.post({"text": "Hi"} | ({"name": name} if name is not None else {}))
    assert answer.status_code in {400, 422}
    assert await link.list() == []


async def test_a_token_of_nobody_is_as_none(link: Any) -> None:
    await link.say()
    for token in ("nonsense", "rmxr_", "rmxr_" + "a" * 43, "Bearer x"):
        found = await link.list({"X-Reviewer-Token": token})
        assert not found[0]["author"]["isYou"]
        refused = await link.post({"text": "x"}, {"X-Reviewer-Token": token})
        assert (refused.status_code, refused.json()["code"]) == (422, "NAME_REQUIRED")


async def test_only_its_author_changes_a_comment(link: Any, issuer: Issuer) -> None:
    made, charles = await link.say()
    _, other = await link.say(name="Other")
    path = f"{link.path}/{made['id']}"
    for headers in ({}, other, issuer.headers("api")):
        for answer in (
            await link.client.patch(path, json={"text": "x"}, headers=headers),
            await link.client.delete(path, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "NOT_THE_AUTHOR")
    by_owner = await link.client.patch(
        f"/api/v1/comments/{made['id']}", json={"text": "x"}, headers=link.of.owner
    )
    assert (by_owner.status_code, by_owner.json()["code"]) == (403, "NOT_THE_AUTHOR")
    changed = await link.client.patch(path, json={"text": "Better."}, headers=charles)
    assert (changed.status_code, changed.json()["text"], changed.headers["etag"]) == (200, "Better.", '"v2"')
    assert (await link.client.delete(path, headers=charles)).status_code == 204
    assert [found["author"]["name"] for found in await link.list()] == ["Other"]


async def test_what_others_replied_to_is_emptied_not_deleted(link: Any) -> None:
    made, charles = await link.say(
        "My secret.", suggestion={"path": "/label", "replacement": "X"}, anchor={"target": "basics"}
    )
    await link.of.act(made, "replies", {"text": "I see."})
    path = f"{link.path}/{made['id']}"
    assert (await link.client.delete(path, headers=charles)).status_code == 204
    [found] = await link.list()
    assert (found["text"], found["isDeleted"], found["author"]["name"], found["suggestion"]) == (
        "",
        True,
        None,
        None,
    )
    assert [reply["text"] for reply in found["replies"]] == ["I see."]
    assert (await link.client.patch(path, json={"text": "x"}, headers=charles)).status_code == 404
    deleted = await link.client.delete(f"/api/v1/comments/{made['id']}", headers=link.of.owner)
    assert deleted.status_code == 204
    assert await link.list() == []


async def test_the_owner_deletes_whatever_they_like(link: Any) -> None:
    made, charles = await link.say()
    reply = await link.client.post(
        f"{link.path}/{made['id']}/replies", json={"text": "More."}, headers=charles
    )
    assert reply.status_code == 201, reply.text
    path = f"/api/v1/comments/{reply.json()['reply']['id']}"
    assert (await link.client.delete(path, headers=link.of.owner)).status_code == 204
    path = f"/api/v1/comments/{made['id']}"
    assert (await link.client.delete(path, headers=link.of.owner)).status_code == 204
    assert await link.list() == []


async def test_reviewers_see_the_threads_of_their_own_link_alone(link: Any) -> None:
    other = await link.of.share()
    made, _ = await link.say("Through one.")
    await other.say("Through the other.")
    await link.of.note("To myself.")
    assert [found["text"] for found in await link.list()] == ["Through one."]
    assert [found["text"] for found in await other.list()] == ["Through the other."]
    path = f"{other.path}/{made['id']}"
    assert (await link.client.post(f"{path}/replies", json={"text": "x", "name": "E"})).status_code == 404
    assert (await link.client.delete(path)).status_code == 404
    assert len(await link.of.comments()) == 3


async def test_nothing_hidden_is_seen_or_commented(link: Any) -> None:
    reviewed = link.of
    item, other = await reviewed.ids()
    section = await reviewed.section("skills")
    await link.say("Seen.", anchor={"target": "item", "itemId": item})
    await link.say("Of skills.", anchor={"target": "section", "sectionId": section})
    await link.say("Stays.", anchor={"target": "item", "itemId": other})
    hide = {"visible": False}
    await reviewed.client.patch(f"{reviewed.path}/items/{item}", json=hide, headers=reviewed.owner)
    await reviewed.client.patch(f"{reviewed.path}/sections/{section}", json=hide, headers=reviewed.owner)
    assert [found["text"] for found in await link.list()] == ["Stays."]
    parts = (await link.client.get(f"{link.path}/parts")).json()["sections"]
    assert [(part["name"], part["itemIds"]) for part in parts] == [("work", [other])]
    for anchor in ({"target": "item", "itemId": item}, {"target": "section", "sectionId": section}):
        refused = await link.post({"text": "x", "name": "E", "anchor": anchor})
        assert (refused.status_code, refused.json()["code"]) == (422, "ANCHOR_NOT_FOUND")
    assert len(await reviewed.comments()) == 3


async def test_how_to_reach_somebody_is_not_told_by_comments_once_it_is_hidden(link: Any) -> None:
    about = {"target": "basics", "path": "/email", "quote": "ada@example.org"}
    await link.say("Is it right?", anchor=about)
    await link.say(
        "", anchor={"target": "basics"}, suggestion={"path": "/email", "replacement": "x@y.example"}
    )
    assert len(await link.list()) == 2
    await link.change(showContact=False)
    assert await link.list() == []
    refused = await link.post({"text": "x", "name": "E", "anchor": about})
    assert refused.status_code == 422
    guess = {"text": "", "name": "E", "anchor": {"target": "basics"}}
    blind = await link.post(guess | {"suggestion": {"path": "/email", "replacement": "new@y.example"}})
    assert blind.json()["comment"]["suggestion"]["changes"][0]["base"] is None


async def test_a_link_to_a_version_takes_comments_on_that_version(reviewed: Any) -> None:
    version = await reviewed.client.post(f"{reviewed.path}/versions", headers=reviewed.owner)
    link = await reviewed.share(versionId=version.json()["id"])
    item = (await reviewed.ids())[0]
    await reviewed.change(item, position="Countess")
    suggestion = {"path": "/position", "replacement": "Author"}
    made, _ = await link.say("", anchor={"target": "item", "itemId": item}, suggestion=suggestion)
    assert made["suggestion"]["changes"][0]["base"] == "Programmer", "what the reviewer saw"
    refused = await reviewed.act(made, "accept")
    assert refused.json()["code"] == "SUGGESTION_OUTDATED"


async def test_a_reviewers_suggestion_becomes_an_edit_when_the_owner_wants(link: Any) -> None:
    item = (await link.of.ids())[0]
    made, charles = await link.say(
        "", anchor={"target": "item", "itemId": item}, suggestion={"fields": {"position": "A"}}
    )
    path = f"/api/v1/comments/{made['id']}/accept"
    assert (await link.client.post(path, headers=charles)).status_code == 401
    assert (await link.of.act(made, "accept")).status_code == 200
    assert (await link.of.content())["work"][0]["position"] == "A"
    [found] = await link.list(charles)
    assert found["suggestion"]["state"] == "accepted"


async def test_tokens_are_stored_hashed_and_never_logged(
    link: Any, database: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """SECURITY 10, 27."""
    _, charles = await link.say("My words.")
    token = charles["X-Reviewer-Token"]
    async with database.read() as db:
        rows = (await db.execute(text("SELECT token_sha256, name FROM comment_reviewers"))).all()
    assert token not in str(rows)
    said = capsys.readouterr()
    assert token not in said.out + said.err
    assert "My words." not in said.out + said.err


async def test_nobody_is_remembered_of_whom_nothing_is_left(link: Any, database: Any) -> None:
    made, charles = await link.say(name=f"N{new_id().hex}")
    await link.client.delete(f"{link.path}/{made['id']}", headers=charles)
    async with database.read() as db:
        found = await db.execute(
            text("SELECT count(*) FROM comment_reviewers WHERE name = :name"),
            {"name": made["author"]["name"]},
        )
        assert found.scalar() == 0
