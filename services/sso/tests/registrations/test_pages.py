"""The page to make an account."""

from typing import Any

import httpx
import pytest

from common.ids import new_id
from common.testing.forms import form

OURS = {"Origin": "https://resumax.test", "Sec-Fetch-Site": "same-origin"}


def filled(**changes: str) -> dict[str, str]:
    fields = {
        "name": "Ada Lovelace",
        "email": f"{new_id().hex}@example.org",
        "password": "correct horse battery",
    }
    return fields | changes


async def test_registering_signs_in_and_goes_on(client: httpx.AsyncClient, mails: Any) -> None:
    page = await client.get("/auth/ui/register?continue=/x", headers={"Accept-Language": "de"})
    fields = filled()
    headers = OURS | {"Accept-Language": "de"}
    answer = await client.post(form(page.text).action, data=fields, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/x")
    assert answer.headers["set-cookie"].startswith("__Host-resumax_refresh=")
    client.cookies.clear()
    assert (await mails.wait_for(fields["email"], "verify-email")).locale == "de"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": " "}, "name", "Please fill this in."),
        ({"name": "A\nB"}, "name", "Please enter your name in one line."),
        ({"email": "ada"}, "email", "Please enter an e-mail address"),
        ({"password": ""}, "password", "Please fill this in."),
        ({"password": "short and so"[:11]}, "password", "it needs at least 12 characters"),
        ({"password": "x1y2z3q4" * 17}, "password", "it has at most 128 characters"),
        ({"password": "ada lovelace resumax"}, "password", "not made of your name"),
        ({"password": "passwordpassword"}, "password", "Many people use this password"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    client: httpx.AsyncClient, changes: dict[str, str], field: str, said: str
) -> None:
    fields = filled(**changes)
    answer = await client.post("/auth/ui/register?continue=/x", data=fields, headers=OURS)
    assert answer.status_code == 400
    assert f'aria-invalid="true" aria-describedby="{field}-wrong' in answer.text
    assert said in answer.text.partition(f'id="{field}-wrong"')[2].partition("</p>")[0]
    again = form(answer.text)
    assert again.action == "/auth/ui/register?continue=%2Fx"
    assert again.fields == {"name": fields["name"], "email": fields["email"], "password": ""}


async def test_an_address_that_is_taken_leads_to_the_login(client: httpx.AsyncClient, account: Any) -> None:
    answer = await client.post("/auth/ui/register", data=filled(email=account.email), headers=OURS)
    assert answer.status_code == 400
    assert "There is an account with this address already." in answer.text


async def test_forms_of_other_sites_make_no_account(client: httpx.AsyncClient) -> None:
    # SECURITY 14
    answer = await client.post("/auth/ui/register", data=filled(), headers={"Origin": "https://evil.test"})
    assert answer.status_code == 403
