"""The pages to sign in by a mailed link."""

from typing import Any

import httpx
from browsing import Visit, heading


async def ask(visit: Visit, account: Any, mails: Any) -> str:
    login = await visit.get("/auth/ui/login?continue=/x")
    assert 'formaction="/auth/ui/magic/request?continue=%2Fx"' in login.text
    asked = await visit.post("/auth/ui/magic/request?continue=%2Fx", {"email": account.email, "password": ""})
    assert (asked.status_code, asked.headers["location"]) == (303, "/auth/ui/magic/sent?continue=%2Fx")
    link: str = (await mails.wait_for(account.email, "magic-link")).data["link"]
    return link.removeprefix("https://resumax.test")


async def test_opening_the_link_changes_nothing_and_pressing_its_button_signs_in_and_goes_on(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    visit = Visit(client)
    path = await ask(visit, account, mails)
    for _ in range(3):
        page = await visit.get(path)
        assert (page.status_code, visit.cookies) == (200, {})
    done = await visit.submit(page)
    assert (done.status_code, done.headers["location"]) == (303, "/x")
    assert list(visit.cookies) == ["__Host-resumax_refresh"]
    again = await visit.submit(page)
    assert (again.status_code, heading(again)) == (400, "This link was already used")


async def test_without_an_address_the_login_page_asks_for_it(client: httpx.AsyncClient) -> None:
    answer = await Visit(client).post("/auth/ui/magic/request", {"email": "", "password": ""})
    assert (answer.status_code, heading(answer)) == (400, "Sign in")
    assert 'aria-describedby="email-wrong"' in answer.text


async def test_asking_for_a_link_is_answered_the_same_for_everybody(
    client: httpx.AsyncClient, account: Any
) -> None:
    # SECURITY 5
    answers = [
        await Visit(client).post("/auth/ui/magic/request", {"email": email})
        for email in (account.email, "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]


async def test_forms_of_other_sites_sign_nobody_in(
    client: httpx.AsyncClient, account: Any, mails: Any
) -> None:
    # SECURITY 14
    path = await ask(Visit(client), account, mails)
    token = path.partition("token=")[2]
    answer = await client.post(
        "/auth/ui/magic", data={"token": token}, headers={"Origin": "https://evil.test"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
