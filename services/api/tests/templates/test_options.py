"""Options are those of the template, and such as it allows, wherever they come in."""

from typing import Any

import httpx
import pytest
from publishing import OPTIONS, publish

from api.templates.options import problem
from common.testing.issuer import Issuer


async def test_options_are_those_of_the_template(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    resume = (await catalogue.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()
    path = f"/api/v1/resumes/{resume['id']}"
    refused = await catalogue.patch(path, json={"settings": {"colour": "red"}}, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (422, "UNKNOWN_OPTION")
    assert refused.json()["errors"][0]["path"] == "$.settings.colour"
    assert "accent, page, size, icons, order" in refused.json()["errors"][0]["message"]
    settings = {"accent": "#111111", "page": "us-letter", "size": 9.5, "icons": False, "order": ["work"]}
    set_ = await catalogue.patch(path, json={"settings": settings}, headers=owner)
    assert (set_.status_code, set_.json()["settings"]) == (200, settings)

    async def export(**fields: Any) -> httpx.Response:
        body = {"resumeId": resume["id"], "format": "pdf"} | fields
        return await catalogue.post("/api/v1/exports", json=body, headers=owner)

    assert (await export(options={"colour": "red"})).status_code == 422
    assert (await export(template="none")).status_code == 422
    made = await export(options={"accent": "#222222"})
    read = (await catalogue.get(made.headers["location"], headers=owner)).json()
    assert read["options"] == settings | {"accent": "#222222"}


async def test_what_a_template_does_not_allow_is_named_with_what_it_does(
    catalogue: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    resume = (await catalogue.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()
    bad = {"page": "a5", "size": 7, "accent": "red"}
    patched = await catalogue.patch(f"/api/v1/resumes/{resume['id']}", json={"settings": bad}, headers=owner)
    body = {"resumeId": resume["id"], "format": "pdf", "options": bad}
    exported = await catalogue.post("/api/v1/exports", json=body, headers=owner)
    for answer, at in ((patched, "$.settings"), (exported, "$.options")):
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_OPTION")
        assert answer.json()["errors"] == [
            {"path": f"{at}.page", "message": "Must be one of: a4, us-letter."},
            {"path": f"{at}.size", "message": "Must be between 8 and 13."},
            {"path": f"{at}.accent", "message": "Must be a colour like #1f4e79."},
        ]
    assert (await catalogue.get("/api/v1/exports", headers=owner)).json()["items"] == []


async def test_settings_that_another_template_does_not_allow_are_left_out_of_its_exports(
    catalogue: httpx.AsyncClient, owner: dict[str, str], issuer: Issuer
) -> None:
    resume = (await catalogue.post("/api/v1/resumes", json={"title": "A"}, headers=owner)).json()
    settings = {"accent": "#111111", "page": "us-letter"}
    await catalogue.patch(f"/api/v1/resumes/{resume['id']}", json={"settings": settings}, headers=owner)
    await publish(catalogue, issuer, "plain", 1, options={"page": {"type": "enum", "values": ["a4"]}})
    body = {"resumeId": resume["id"], "format": "pdf", "template": "plain"}
    made = await catalogue.post("/api/v1/exports", json=body, headers=owner)
    read = (await catalogue.get(made.headers["location"], headers=owner)).json()
    assert (read["options"], read["template"]) == ({}, {"id": "plain", "version": 1})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("accent", ["#a0B1c2"], ["red", "#fff", "#1234567", "#12345g", "#123456\n", 1, None]),
        ("page", ["a4"], ["A4", "", None, ["a4"], True]),
        ("size", [8, 13.0, 10.25], [7.99, 13.5, "10", True, None]),
        ("icons", [True, False], [0, 1, "true", None]),
        ("order", [[], ["a"], ["a", "b"]], ["a", ["a", "b", "c"], [1], None, {}]),
    ],
)
def test_each_type_of_option_takes_its_own_values(name: str, good: list[object], bad: list[object]) -> None:
    assert [problem(OPTIONS[name], value) for value in good] == [None] * len(good)
    assert all(problem(OPTIONS[name], value) for value in bad)


def test_a_type_that_only_a_newer_processor_knows_is_left_to_it() -> None:
    assert problem({"type": "gradient"}, ["#000000", 1]) is None
