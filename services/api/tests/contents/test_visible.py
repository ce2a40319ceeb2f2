"""The document without what its writer hid."""

from typing import Any

import httpx
import pytest

DOCUMENT = {"basics": {"name": "Ada"}, "work": ["shown", "hidden", 1e15], "x": [{}], "skills": ["a"], "y": 1}


@pytest.fixture
async def path(client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any) -> str:
    """A resume with a hidden section and a hidden item."""
    path = str(await make_resume(content=DOCUMENT))
    sections = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    ids = {section["name"]: section["id"] for section in sections}
    items = (await client.get(f"{path}/sections/{ids['work']}/items", headers=owner)).json()["items"]
    for part in (f"sections/{ids['skills']}", f"items/{items[1]['id']}"):
        hidden = await client.patch(f"{path}/{part}", json={"visible": False}, headers=owner)
        assert hidden.status_code == 200, hidden.text
    return path


async def test_what_is_hidden_is_left_out_if_that_is_asked_for(
    client: httpx.AsyncClient, owner: dict[str, str], path: str
) -> None:
    for _ in range(2):  # the two must not get in each other's cache
        visible = await client.get(f"{path}/content", params={"visible": "true"}, headers=owner)
        assert list(visible.json().items()) == [
            ("basics", {"name": "Ada"}),
            ("work", ["shown", 1e15]),
            ("x", [{}]),
            ("y", 1),
        ]
        assert visible.headers["etag"] == '"v3"'
        whole = await client.get(f"{path}/content", params={"visible": "false"}, headers=owner)
        assert whole.json() == (await client.get(f"{path}/content", headers=owner)).json() == DOCUMENT
    known = owner | {"If-None-Match": '"v3"'}
    assert (await client.get(f"{path}/content?visible=true", headers=known)).status_code == 304


async def test_the_visible_document_is_its_owners(
    client: httpx.AsyncClient, issuer_headers: dict[str, str], path: str
) -> None:
    answer = await client.get(f"{path}/content?visible=true", headers=issuer_headers)
    assert answer.status_code == 404


@pytest.mark.parametrize("value", ["maybe", "", "2", "%00"])
async def test_visible_is_true_or_false(
    client: httpx.AsyncClient, owner: dict[str, str], path: str, value: str
) -> None:
    answer = await client.get(f"{path}/content?visible={value}", headers=owner)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "$.visible")


async def test_the_description_names_the_parameter(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()["paths"]
    read = described["/api/v1/resumes/{resume_id}/content"]["get"]
    assert [(p["name"], p["in"]) for p in read["parameters"]] == [("resume_id", "path"), ("visible", "query")]
