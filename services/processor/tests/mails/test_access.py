"""The log of mails and the list of recipients are for staff, through the admin service alone (SECURITY 22)."""

import httpx
import pytest

from common.ids import new_id
from common.testing.issuer import Issuer

CALLS = [
    ("GET", "/internal/mails"),
    ("GET", "/internal/mail-suppressions"),
    ("POST", "/internal/mail-suppressions"),
    ("DELETE", f"/internal/mail-suppressions/{new_id()}"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_only_the_admin_service_may_ask(
    client: httpx.AsyncClient, issuer: Issuer, method: str, path: str
) -> None:
    """SECURITY 22"""
    body = {"address": "zoe@example.org"} if method == "POST" else None
    assert (await client.request(method, path, json=body)).status_code == 401
    for headers in (
        issuer.headers("processor", roles=["admin"]),
        *(issuer.service_headers("processor", client_id=other) for other in ("api", "sso", "account")),
    ):
        answer = await client.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    admin = issuer.service_headers("processor", client_id="admin")
    assert (await client.request(method, path, json=body, headers=admin)).status_code in {200, 201, 404}


@pytest.mark.parametrize(
    "body", [{}, {"address": ""}, {"address": "a@b.de\n"}, {"address": "a@b.de", "reason": "bounced"}]
)
async def test_what_is_no_address_is_not_put_on_the_list(
    client: httpx.AsyncClient, issuer: Issuer, body: dict[str, str]
) -> None:
    admin = issuer.service_headers("processor", client_id="admin")
    answer = await client.post("/internal/mail-suppressions", json=body, headers=admin)
    assert answer.status_code == 400
