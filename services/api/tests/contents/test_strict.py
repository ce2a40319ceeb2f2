"""What is not as JSON Resume says: named with every PUT, refused if that is asked for."""

from typing import Any

import httpx
import pytest

WRONG = {"work": [{"name": "Engine", "startDate": "yesterday", "mine": 1}, 7], "basics": {"email": "nobody"}}
PATHS = ["$.work[0].startDate", "$.work[1]", "$.basics.email"]


async def test_a_put_names_what_is_not_as_json_resume_says_and_keeps_it(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    put = await client.put(f"{path}/content", json=WRONG, headers=owner)
    assert put.status_code == 200, put.text
    assert [warning["path"] for warning in put.json()["warnings"]] == PATHS
    assert all(warning["message"] for warning in put.json()["warnings"])
    assert (await client.get(f"{path}/content", headers=owner)).json() == WRONG
    put = await client.put(f"{path}/content", json={"work": [{"name": "Engine", "mine": 1}]}, headers=owner)
    assert put.json()["warnings"] == []
    kept = (await client.get(path, headers=owner)).json()
    assert {name: value for name, value in put.json().items() if name != "warnings"} == {
        name: value for name, value in kept.items() if name != "basics"
    }


async def test_a_strict_put_refuses_it_and_changes_nothing(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume(content={"work": ["stays"]})
    strict = {"strict": "true"}
    refused = await client.put(f"{path}/content", params=strict, json=WRONG, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (422, "VALIDATION_FAILED")
    assert [error["path"] for error in refused.json()["errors"]] == PATHS
    assert (await client.get(f"{path}/content", headers=owner)).json() == {"work": ["stays"]}
    assert (await client.get(path, headers=owner)).headers["etag"] == '"v1"'
    right = {"work": [{"name": "Engine", "startDate": "1842-10", "mine": 1}], "mine": [1]}
    put = await client.put(f"{path}/content", params=strict, json=right, headers=owner)
    assert (put.status_code, put.json()["warnings"]) == (200, [])


async def test_a_strict_put_is_refused_for_its_version_first(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    answer = await client.put(
        f"{path}/content", params={"strict": "true"}, json=WRONG, headers=owner | {"If-Match": '"v9"'}
    )
    assert answer.status_code == 412


@pytest.mark.parametrize("strict", ["maybe", ""])
async def test_strict_is_true_or_false(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, strict: str
) -> None:
    path = await make_resume()
    answer = await client.put(f"{path}/content", params={"strict": strict}, json={}, headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
