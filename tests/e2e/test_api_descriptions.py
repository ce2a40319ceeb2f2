"""What the five services say about themselves is true, and told in one way."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.stack import Stack

DOCUMENTS = {
    "sso": "/auth/openapi.json",
    "api": "/api/v1/openapi.json",
    "account": "/account/v1/openapi.json",
    "admin": "/admin/v1/openapi.json",
    "processor": "/render/v1/openapi.json",
}
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
OPTIONAL = [*BEARER, {}]
PROBLEM = "application/problem+json"
# Clients of OAuth read errors of this type alone (RFC 6749 section 5.2); they are problem documents all the same.
OAUTH_ERROR = "application/json"
# Its 401 is about another token, in the body or a cookie.
ASKS_FOR_A_REFRESH_TOKEN = "/auth/refresh"


@pytest.fixture(params=DOCUMENTS)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(stack: Stack, service: str) -> dict[str, Any]:
    with stack.client() as client:
        answer = client.get(DOCUMENTS[service])
    assert answer.status_code == 200
    return dict(answer.json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_operation_has_a_summary_a_capitalised_tag_and_problems(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        name = (method, path)
        assert operation["summary"][0].isupper(), name
        assert [tag for tag in operation["tags"] if not tag[0].isupper()] == [], name
        of_oauth = {OAUTH_ERROR} if "OAuth" in operation["tags"] else set()
        assert operation["responses"]["default"]["content"].keys() - of_oauth == {PROBLEM}, name
        assert not operation["summary"].endswith("."), name


def test_a_token_is_declared_exactly_where_it_is_needed(
    stack: Stack, service: str, document: dict[str, Any]
) -> None:
    with stack.client() as gateway, httpx.Client(trust_env=False) as inside:
        for method, path, operation in operations(document):
            url = re.sub(r"\{\w+\}", "01a1fdba-101f-7295-8c36-b0646e345beb", path)
            refused = gateway.request(method, url)
            if path.startswith("/internal"):
                assert refused.status_code == 404, (method, path)  # the gateway routes nothing to it
                refused = inside.request(method, stack.run["services"][service] + url)
            if operation.get("security") == OPTIONAL or path == ASKS_FOR_A_REFRESH_TOKEN:
                continue
            assert operation.get("security") == (BEARER if refused.status_code == 401 else None), (
                method,
                path,
            )


def test_every_body_that_people_send_has_an_example_with_all_that_is_required(
    document: dict[str, Any],
) -> None:
    schemas = document["components"]["schemas"]
    for method, path, operation in operations(document):
        if path.startswith("/internal"):
            continue
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if content["schema"].get("format") == "binary":
                continue
            one = content["schema"].get("oneOf", [content["schema"]])[0]
            schema = schemas[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            assert content["example"].keys() >= set(schema.get("required", [])), (method, path)
