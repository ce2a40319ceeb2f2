"""A program that acts for its owner by an API key, at every service."""

import time

import httpx

from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually

SCOPES = ["resumes:read", "account:read", "render:write"]


def test_every_service_takes_a_key_for_what_its_scopes_say_until_it_is_ended(stack: Stack) -> None:
    person = Person(stack)
    resume = person.resume(FULL)
    made = person.http.post("/auth/api-keys", json={"name": "Build", "scopes": SCOPES}).json()
    program = stack.client()
    program.headers["Authorization"] = f"Bearer {made['key']}"

    assert [item["id"] for item in program.get("/api/v1/resumes").json()["items"]] == [resume]
    assert eventually(lambda: program.get("/account/v1/profile")).json()["email"] == person.email
    document = {"content": FULL}
    assert program.post("/render/v1/documents", json=document).status_code == 200
    beyond = [
        program.delete(f"/api/v1/resumes/{resume}"),
        program.patch("/account/v1/profile", json={"name": "Somebody"}),
        program.get("/auth/me"),
        program.get("/admin/v1/users"),
    ]
    assert [answer.status_code for answer in beyond] == [403] * 4
    assert {answer.json()["code"] for answer in beyond} == {"INSUFFICIENT_SCOPE"}

    assert person.http.delete(f"/auth/api-keys/{made['id']}").status_code == 204
    ended = time.monotonic()
    eventually(lambda: _statuses(program) == [401] * 4, within=1)
    assert time.monotonic() - ended < 1.5
    assert person.http.get("/api/v1/resumes").status_code == 200
    assert made["key"][4:] not in stack.logs()


def _statuses(program: httpx.Client) -> list[int]:
    paths = ("/api/v1/resumes", "/account/v1/profile", "/auth/me", "/admin/v1/users")
    return [program.get(path).status_code for path in paths]
