"""The pages to set a new password by a mailed link."""

from typing import Any

import httpx
from browsing import Visit, heading

NEW = "another horse, another battery"


async def mailed(mails: Any, account: Any, template: str) -> str:
    link: str = (await mails.wait_for(account.email, template)).data["link"]
    return link.removeprefix("https://resumax.test")


async def test_a_mailed_link_sets_a_new_password_once(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    visit = Visit(client)
    asked = await visit.submit(await visit.get("/auth/ui/reset?continue=/x"), email=account.email)
    assert (asked.status_code, asked.headers["location"]) == (303, "/auth/ui/reset/sent?continue=%2Fx")
    path = await mailed(mails, account, "password-reset")
    page = await visit.get(path)
    assert 'autocomplete="new-password"' in page.text
    refused = await visit.submit(page, password="short")
    assert (refused.status_code, "it needs at least 12 characters" in refused.text) == (400, True)
    done = await visit.submit(refused, password=NEW)
    assert (done.status_code, done.headers["location"]) == (303, "/auth/ui/reset/done")
    again = await visit.get(path)
    assert (again.status_code, heading(again)) == (400, "This link was already used")
    assert (await visit.sign_in(account.email, NEW)).status_code == 303


async def test_asking_for_a_link_is_answered_the_same_for_everybody(
    client: httpx.AsyncClient, account: Any
) -> None:
    # SECURITY 5
    answers = [
        await Visit(client).post("/auth/ui/reset", {"email": email})
        for email in (account.email, "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert answers[0].headers.keys() == answers[1].headers.keys()


async def test_forms_of_other_sites_are_refused(client: httpx.AsyncClient, account: Any) -> None:
    # SECURITY 14
    for path in ("/auth/ui/reset", "/auth/ui/reset/new"):
        answer = await client.post(
            path, data={"email": account.email}, headers={"Origin": "https://evil.test"}
        )
        assert answer.status_code == 403


async def test_a_link_that_is_none_leads_to_a_new_one(client: httpx.AsyncClient) -> None:
    page = await client.get("/auth/ui/reset?token=x")
    assert (page.status_code, heading(page)) == (400, "This link does not work")
    assert 'href="/auth/ui/reset"' in page.text
