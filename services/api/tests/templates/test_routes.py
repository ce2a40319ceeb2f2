"""The catalogue, on a service of its own: what is published changes what the others may choose."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

import api
from api.app import create_app
from api.settings import Settings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.processes import Nats
from common.testing.served import served

OPTIONS = {"accent": {"type": "color", "default": "#000"}, "page": {"type": "enum", "values": ["a4"]}}


@pytest_asyncio.fixture
async def catalogue(
    settings_for: MakeSettings, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> AsyncIterator[httpx.AsyncClient]:
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        async with served(create_app(settings_for(Settings, api.__file__, nats_url=nats.url))) as client:
            for name, version in (("classic", 1), ("classic", 2), ("modern", 1), ("classic", 2)):
                await publish(client, issuer, name, version)
            yield client
    finally:
        nats.stop()


async def publish(client: httpx.AsyncClient, issuer: Issuer, name: str, version: int, **fields: Any) -> None:
    body = {
        "version": version,
        "engine": "typst",
        "name": name.title(),
        "description": "Calm",
        "pageSizes": ["a4"],
        "options": OPTIONS,
    } | fields
    answer = await client.put(f"/internal/templates/{name}", json=body, headers=issuer.service_headers("api"))
    assert answer.status_code == 204, answer.text


async def test_before_anything_is_published_the_catalogue_is_empty_and_any_template_is_taken(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    assert (await client.get("/api/v1/templates", headers=owner)).json() == {"items": []}
    path = await make_resume(template={"id": "modern", "version": 3})
    assert (await client.get(path, headers=owner)).json()["template"] == {"id": "modern", "version": 3}


async def test_what_is_published_can_be_seen_and_chosen(
    catalogue: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    listed = (await catalogue.get("/api/v1/templates", headers=owner)).json()["items"]
    assert [(t["id"], t["version"]) for t in listed] == [("classic", 2), ("modern", 1)]
    assert listed[0]["options"] == OPTIONS
    for params, version in (({}, 2), ({"version": 1}, 1)):
        read = await catalogue.get("/api/v1/templates/classic", params=params, headers=owner)
        assert read.json()["version"] == version
    for path in ("/api/v1/templates/none", "/api/v1/templates/classic?version=9"):
        assert (await catalogue.get(path, headers=owner)).status_code == 404

    for template, chosen in (
        (None, {"id": "classic", "version": 2}),
        ("modern", {"id": "modern", "version": 1}),
        ({"id": "classic", "version": 1}, {"id": "classic", "version": 1}),
    ):
        body = {"title": "A", "template": template}
        made = await catalogue.post("/api/v1/resumes", json=body, headers=owner)
        assert made.json()["template"] == chosen

    for unknown in ("none", {"id": "classic", "version": 9}):
        body = {"title": "A", "template": unknown}
        refused = await catalogue.post("/api/v1/resumes", json=body, headers=owner)
        assert refused.status_code == 422
        assert refused.json()["code"] == "UNKNOWN_TEMPLATE"
        assert "classic, modern" in refused.json()["detail"]
        refused = await catalogue.patch(made.headers["location"], json={"template": unknown}, headers=owner)
        assert refused.status_code == 422


async def test_options_are_those_of_the_template(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    resume = (await catalogue.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()
    path = f"/api/v1/resumes/{resume['id']}"
    refused = await catalogue.patch(path, json={"settings": {"colour": "red"}}, headers=owner)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "$.options.colour"
    set_ = await catalogue.patch(path, json={"settings": {"accent": "#111", "page": "a4"}}, headers=owner)
    assert set_.status_code == 200

    async def export(**fields: Any) -> httpx.Response:
        body = {"resumeId": resume["id"], "format": "pdf"} | fields
        return await catalogue.post("/api/v1/exports", json=body, headers=owner)

    assert (await export(options={"colour": "red"})).status_code == 422
    assert (await export(template="none")).status_code == 422
    made = await export(options={"accent": "#222"})
    read = (await catalogue.get(made.headers["location"], headers=owner)).json()
    assert read["options"] == {"accent": "#222", "page": "a4"}
    await publish(catalogue, issuer, "plain", 1, options={})
    made = await export(template="plain")
    read = (await catalogue.get(made.headers["location"], headers=owner)).json()
    assert (read["options"], read["template"]) == ({}, {"id": "plain", "version": 1})


@pytest.mark.parametrize("name", ["UPPER", "a b", "ä", "x" * 65])
async def test_a_template_has_a_plain_id(client: httpx.AsyncClient, issuer: Issuer, name: str) -> None:
    body = {"version": 1, "engine": "typst", "name": "", "description": "", "pageSizes": [], "options": {}}
    answer = await client.put(f"/internal/templates/{name}", json=body, headers=issuer.service_headers("api"))
    assert answer.status_code == 400, answer.text
