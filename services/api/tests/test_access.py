"""SECURITY 22: every route, with nobody's, somebody else's, an expired and a wrong audience's token."""

import time
from typing import Any

import httpx
import pytest

from common.ids import new_id
from common.testing.issuer import OTHER_KEY, Issuer

CONTENT = {"work": [1]}
OWN = [
    ("GET", "/api/v1/resumes/{resume_id}", None),
    ("PATCH", "/api/v1/resumes/{resume_id}", {"title": "Taken"}),
    ("DELETE", "/api/v1/resumes/{resume_id}", None),
    ("GET", "/api/v1/resumes/{resume_id}/content", None),
    ("PUT", "/api/v1/resumes/{resume_id}/content", {"taken": True}),
    ("POST", "/api/v1/resumes/{resume_id}/versions", {}),
    ("GET", "/api/v1/resumes/{resume_id}/versions", None),
    ("GET", "/api/v1/versions/{version_id}", None),
    ("GET", "/api/v1/exports/{export_id}", None),
    ("GET", "/api/v1/jobs/{job_id}", None),
    ("GET", "/api/v1/jobs/{job_id}/events", None),
]
OTHERS = [
    ("GET", "/api/v1/resumes", None),
    ("POST", "/api/v1/resumes", {"title": "A"}),
    ("POST", "/api/v1/imports", {"format": "json-resume", "document": {}}),
    ("GET", "/api/v1/exports", None),
    ("POST", "/api/v1/exports", {"resumeId": "{resume_id}", "format": "pdf"}),
    ("GET", "/api/v1/templates", None),
    ("GET", "/api/v1/templates/{template_id}", None),
]
INTERNAL = [
    ("GET", "/internal/versions/{version_id}", None),
    ("PUT", "/internal/templates/{template_id}", {}),
]


@pytest.fixture
async def things(client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any) -> dict[str, str]:
    """One of each thing that has an id, of `owner`."""
    resume_id = (await make_resume(content=CONTENT)).rsplit("/", 1)[1]
    body = {"resumeId": resume_id, "format": "pdf"}
    export = (await client.post("/api/v1/exports", json=body, headers=owner)).json()
    read = (await client.get(f"/api/v1/exports/{export['exportId']}", headers=owner)).json()
    return {
        "resume_id": resume_id,
        "version_id": read["versionId"],
        "export_id": export["exportId"],
        "job_id": export["jobId"],
        "template_id": "classic",
    }


def bad_tokens(issuer: Issuer) -> dict[str, str]:
    return {
        "expired": issuer.token("api", exp=int(time.time()) - 120, iat=int(time.time()) - 720),
        "wrong audience": issuer.token("account"),
        "forged": issuer.token("api", key=OTHER_KEY),
        "wrong issuer": issuer.token("api", iss="https://elsewhere.example"),
        "not a token": "nonsense",
    }


@pytest.mark.parametrize(("method", "path", "body"), OWN + OTHERS + INTERNAL)
async def test_without_a_valid_token_nothing_is_told(
    client: httpx.AsyncClient, issuer: Issuer, things: dict[str, str], method: str, path: str, body: Any
) -> None:
    path = path.format(**things)
    without = await client.request(method, path, json=body)
    assert without.status_code == 401
    assert without.headers["www-authenticate"] == "Bearer"
    for what, token in bad_tokens(issuer).items():
        answer = await client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, what
        assert answer.json()["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize(("method", "path", "body"), OWN)
async def test_what_is_somebody_elses_is_not_found_and_stays(
    client: httpx.AsyncClient,
    issuer: Issuer,
    owner: dict[str, str],
    things: dict[str, str],
    method: str,
    path: str,
    body: Any,
) -> None:
    other = issuer.headers("api")
    foreign = await client.request(method, path.format(**things), json=body, headers=other)
    missing = {name: str(new_id()) for name in things}
    nowhere = await client.request(method, path.format(**missing), json=body, headers=other)
    assert foreign.status_code == nowhere.status_code == 404
    assert foreign.json()["detail"] == nowhere.json()["detail"]
    kept = await client.get(f"/api/v1/resumes/{things['resume_id']}/content", headers=owner)
    assert kept.json() == CONTENT


async def test_nobody_exports_what_is_somebody_elses(
    client: httpx.AsyncClient, issuer: Issuer, things: dict[str, str]
) -> None:
    other = issuer.headers("api")
    for body in ({"resumeId": things["resume_id"]}, {"versionId": things["version_id"]}):
        answer = await client.post("/api/v1/exports", json=body | {"format": "pdf"}, headers=other)
        assert answer.status_code == 404
    for path in ("/api/v1/resumes", "/api/v1/exports"):
        assert (await client.get(path, headers=other)).json()["items"] == []


@pytest.mark.parametrize(("method", "path", "body"), INTERNAL)
async def test_internal_routes_are_for_services(
    client: httpx.AsyncClient, issuer: Issuer, things: dict[str, str], method: str, path: str, body: Any
) -> None:
    for headers in (
        issuer.headers("api"),
        issuer.headers("api", roles=["admin"], scope="internal"),
        {"Authorization": f"Bearer {issuer.service_token('api', scope='')}"},
    ):
        answer = await client.request(method, path.format(**things), json=body, headers=headers)
        assert answer.status_code == 403, answer.text


async def test_services_do_not_act_as_users(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/api/v1/resumes", headers=issuer.service_headers("api"))
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/api/v1/resumes/1", "/api/v1/versions/x", "/api/v1/jobs/%00"])
async def test_what_is_no_id_is_not_found(
    client: httpx.AsyncClient, owner: dict[str, str], path: str
) -> None:
    assert (await client.get(path, headers=owner)).status_code == 404


async def test_no_route_is_left_out_here(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["paths"]
    found = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert found == {(method, path) for method, path, _ in OWN + OTHERS + INTERNAL}


async def test_every_operation_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["paths"]
    for path, methods in described.items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            assert operation["security"] == [{"bearer": []}], (method, path)
            assert "default" in operation["responses"], (method, path)
