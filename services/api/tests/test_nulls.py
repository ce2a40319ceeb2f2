"""Null characters: PostgreSQL keeps none in a text, and whoever sends one is told so on both databases alike.

The routes come from the OpenAPI document, so none can be forgotten; the ids from `things`.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from things import make_all

import api
from api.app import create_app
from api.settings import Settings
from common.testing.fixtures import MakeSettings
from common.testing.issuer import Issuer
from common.testing.operations import Operation, operations
from common.testing.processes import S3, Nats
from common.testing.served import served

Owner = dict[str, str]
NULL = "a\0b"


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["sqlite", "postgresql"])
async def either(
    request: pytest.FixtureRequest,
    settings_for: MakeSettings,
    migrated_postgres: Callable[[str], str],
    migrated: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    s3: S3,
) -> AsyncIterator[httpx.AsyncClient]:
    """The service on each database, of its own: what is published here is no template of other tests."""
    nats = Nats(tmp_path_factory.mktemp("nats"))
    nats.start()
    try:
        url = (migrated_postgres if request.param == "postgresql" else migrated)(api.__file__)
        own = {"database_url": url, "nats_url": nats.url, "s3_endpoint": s3.url}
        settings: Settings = settings_for(Settings, api.__file__, **own)
        async with served(create_app(settings)) as client:
            yield client
    finally:
        nats.stop()


@pytest.fixture
async def document(either: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await either.get("/api/v1/openapi.json")).json())


@pytest.fixture
async def things(either: httpx.AsyncClient, owner: Owner) -> dict[str, str]:
    return await make_all(either, owner)


def allowed(operation: Operation, issuer: Issuer, owner: Owner) -> Owner:
    """The headers of who may call it."""
    if not operation.path.startswith("/internal/"):
        return owner
    caller = "admin" if operation.path.startswith("/internal/resumes") else "processor"
    return issuer.service_headers("api", client_id=caller)


async def test_nothing_is_at_a_path_with_a_null_character(
    either: httpx.AsyncClient, issuer: Issuer, owner: Owner, things: dict[str, str], document: Any
) -> None:
    tried = 0
    for operation in operations(document):
        for name in operation.parameters:
            headers = allowed(operation, issuer, owner)
            answer = await operation.call(either, things | {name: "a%00b"}, headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), (operation, name)
            tried += 1
    assert tried > 80


async def test_no_parameter_has_a_null_character(
    either: httpx.AsyncClient, issuer: Issuer, owner: Owner, things: dict[str, str], document: Any
) -> None:
    tried = 0
    for operation in operations(document):
        for name in operation.queries:
            asked = msgspec.structs.replace(operation, path=f"{operation.path}?{name}=a%00b")
            answer = await asked.call(either, things, allowed(operation, issuer, owner))
            assert answer.status_code == 400, (operation, name, answer.text)
            assert [error["path"] for error in answer.json()["errors"]] == [f"$.{name}"]
            tried += 1
    assert tried > 30


async def test_no_text_of_a_body_breaks_anything(
    either: httpx.AsyncClient, issuer: Issuer, owner: Owner, document: Any
) -> None:
    """Content keeps its null characters; every other text is refused for them, or they are nowhere in a query."""
    tried, broken = 0, []
    for operation in operations(document):
        found = list(places(operation, document))
        things = await make_all(either, owner) if found else {}
        for place in found:
            body = with_null(operation.body, place)
            asked = msgspec.structs.replace(operation, body=body)
            answer = await asked.call(either, things, allowed(operation, issuer, owner))
            if answer.status_code >= 500:
                broken.append((str(operation), place))
            tried += 1
    assert broken == []
    assert tried > 60


def places(operation: Operation, document: Any) -> Iterator[tuple[str, ...]]:
    """Where a body may have text, as the names of members."""
    described = document["paths"][operation.path][operation.method.lower()]
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        yield from texts(content["application/json"]["schema"], document, ())


def texts(schema: Any, document: Any, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if reference := schema.get("$ref"):
        schema = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    if len(place) > 4:
        return
    if schema.get("type") == "string" or "string" in schema.get("type", ()):
        yield place
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from texts(choice, document, place)
    for name, member in schema.get("properties", {}).items():
        yield from texts(member, document, (*place, name))
    if isinstance(items := schema.get("items"), dict):
        yield from texts(items, document, (*place, "[]"))


def with_null(body: Any, place: tuple[str, ...]) -> Any:
    """`body` with a null character in that place, which is made if it is not there."""
    if not place:
        return NULL
    if place[0] == "[]":
        first = body[0] if isinstance(body, list) and body else None
        return [with_null(first, place[1:])]
    made = deepcopy(body) if isinstance(body, dict) else {}
    made[place[0]] = with_null(made.get(place[0]), place[1:])
    return made


@pytest.mark.parametrize("field", ["name", "text", "about", "thread"])
async def test_no_field_of_the_comment_form_breaks_anything(
    either: httpx.AsyncClient, issuer: Issuer, things: dict[str, str], field: str
) -> None:
    form = {"about": "resume", "name": "Charles", "text": "Well done."} | {field: NULL}
    page = f"/r/{things['slug']}/comments"
    answer = await either.post(page, data=form, headers={"Origin": issuer.url})
    assert answer.status_code < 500, answer.text
    assert (await either.get(page)).status_code == 200


async def test_the_password_form_takes_a_null_character_for_a_wrong_one(
    either: httpx.AsyncClient, owner: Owner, things: dict[str, str]
) -> None:
    path = f"/api/v1/resumes/{things['resume_id']}/shares"
    share = (await either.post(path, json={"password": "between us two"}, headers=owner)).json()
    answer = await either.post(f"/r/{share['slug']}", data={"password": NULL})
    assert answer.status_code < 500, answer.text
