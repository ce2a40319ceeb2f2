"""Comments on PostgreSQL, where transactions run side by side and text holds no null characters."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

import api
from api.app import create_app
from api.settings import Settings
from common.db import Database
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.served import served


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def replicas(
    settings_for: MakeSettings, migrated_postgres: Callable[[str], str]
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient, Settings]]:
    url = migrated_postgres(api.__file__)
    settings: Settings = settings_for(Settings, api.__file__, database_url=url)
    async with served(create_app(settings)) as one, served(create_app(settings)) as other:
        yield one, other, settings


@pytest.fixture
async def resume(replicas: Any, owner: dict[str, str]) -> str:
    """The path of a resume that says a null character."""
    content = {"basics": {"name": "a\u0000b"}, "work": [{"name": "W"}]}
    made = await replicas[0].post("/api/v1/resumes", json={"title": "A", "content": content}, headers=owner)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


@pytest.fixture
async def shared(replicas: Any, resume: str, owner: dict[str, str]) -> str:
    """The path of the comments of a link to it."""
    made = await replicas[0].post(f"{resume}/shares", json={"allowComments": True}, headers=owner)
    return f"/api/v1/shared/{made.json()['slug']}/comments"


async def test_of_edits_for_one_version_one_is_made(
    replicas: Any, resume: str, shared: str, owner: dict[str, str]
) -> None:
    one, other, _ = replicas
    mine = (await one.post(f"{resume}/comments", json={"text": "t"}, headers=owner)).json()
    said = (await one.post(shared, json={"text": "t", "name": "R"})).json()
    token = {"X-Reviewer-Token": said["reviewerToken"]}
    for path, headers in (
        (f"/api/v1/comments/{mine['id']}", owner),
        (f"{shared}/{said['comment']['id']}", token),
    ):
        for version in range(1, 11):
            edits = [
                each.patch(
                    path, json={"text": f"{version} {n}"}, headers=headers | {"If-Match": f'"v{version}"'}
                )
                for n, each in enumerate((one, other, one, other))
            ]
            answers = await asyncio.gather(*edits)
            assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


async def test_a_reply_is_not_lost_with_what_its_thread_began_with(replicas: Any, shared: str) -> None:
    one, other, _ = replicas
    ada, bob = [
        (await one.post(shared, json={"text": "Hello.", "name": name})).json()["reviewerToken"]
        for name in ("Ada", "Bob")
    ]
    for _ in range(15):
        made = await one.post(shared, json={"text": "First."}, headers={"X-Reviewer-Token": ada})
        path = f"{shared}/{made.json()['comment']['id']}"
        gone, reply = await asyncio.gather(
            one.delete(path, headers={"X-Reviewer-Token": ada}),
            other.post(f"{path}/replies", json={"text": "Mine."}, headers={"X-Reviewer-Token": bob}),
        )
        assert gone.status_code == 204, gone.text
        [thread] = [
            found
            for found in (await one.get(shared)).json()["items"]
            if found["id"] == made.json()["comment"]["id"]
        ] or [None]
        if reply.status_code == 201:
            assert thread is not None, "what was answered with 201 is there"
            assert [found["text"] for found in thread["replies"]] == ["Mine."]
            assert thread["isDeleted"]
        else:
            assert (reply.status_code, thread) == (404, None)


async def test_whoever_writes_while_all_of_theirs_is_deleted_is_still_known(
    replicas: Any, shared: str
) -> None:
    one, other, _ = replicas
    made = (await one.post(shared, json={"text": "1", "name": "Ada"})).json()
    headers, comment = {"X-Reviewer-Token": made["reviewerToken"]}, made["comment"]
    for _ in range(15):
        gone, again = await asyncio.gather(
            one.delete(f"{shared}/{comment['id']}", headers=headers),
            other.post(shared, json={"text": "2", "name": "Ada"}, headers=headers),
        )
        assert (gone.status_code, again.status_code) == (204, 201), (gone.text, again.text)
        comment = again.json()["comment"]
        headers = {"X-Reviewer-Token": again.json()["reviewerToken"] or headers["X-Reviewer-Token"]}
        listed = (await one.get(shared, headers=headers)).json()["items"]
        assert [found["author"]["isYou"] for found in listed] == [True]


async def test_the_first_comments_of_an_account_sent_at_once_are_all_made(
    replicas: Any, shared: str, issuer: Issuer
) -> None:
    one, other, settings = replicas
    account = issuer.headers("api")
    sent = [
        each.post(shared, json={"text": "t", "name": f"First {shared}"}, headers=account)
        for each in (one, other) * 4
    ]
    assert [answer.status_code for answer in await asyncio.gather(*sent)] == [201] * 8
    database = Database(settings.database_url)
    async with database.read() as db:
        found = await db.scalar(
            text("SELECT count(*) FROM comment_reviewers WHERE name = :name"),
            {"name": f"First {shared}"[:80]},
        )
    await database.close()
    assert found == 1


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a\u0000"},
        {"name": "a\u0000"},
        {"anchor": {"target": "basics", "path": "/name", "quote": "a\u0000b"}},
        {"anchor": {"target": "basics", "path": "/na\u0000me"}},
    ],
)
async def test_null_characters_are_refused(
    replicas: Any, resume: str, shared: str, owner: dict[str, str], body: dict[str, Any]
) -> None:
    one, _, _ = replicas
    whole = {"text": "t", "name": "R"} | body
    refused = await one.post(shared, json=whole)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_FAILED"), refused.text
    if "name" not in body:
        del whole["name"]
        assert (await one.post(f"{resume}/comments", json=whole, headers=owner)).status_code == 400


async def test_suggestions_hold_them_and_forms_leave_them_out(
    replicas: Any, resume: str, shared: str, owner: dict[str, str], issuer: Issuer
) -> None:
    one, _, _ = replicas
    suggestion = {"fields": {"x\u0000": "y\u0000"}}
    body = {"text": "", "name": "R", "anchor": {"target": "basics"}, "suggestion": suggestion}
    made = await one.post(shared, json=body)
    assert made.status_code == 201, made.text
    accepted = await one.post(f"/api/v1/comments/{made.json()['comment']['id']}/accept", headers=owner)
    assert accepted.status_code == 200, accepted.text
    page = f"/r/{shared.split('/')[4]}/comments"
    form = {"about": "resume", "name": "N\u0000ame", "text": "Wo\u0000rds"}
    sent = await one.post(page, data=form, headers={"Origin": issuer.url})
    assert sent.status_code == 303, sent.text
    found = (await one.get(shared)).json()["items"][0]
    assert (found["author"]["name"], found["text"]) == ("Name", "Words")
    reason = {"reason": "a\u0000"}
    path = f"/api/v1/comments/{found['id']}/reject"
    assert (await one.post(path, json=reason, headers=owner)).status_code == 400
