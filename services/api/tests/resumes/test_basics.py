"""Single members of the basics, beside replacing them whole."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Resumes = Any

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["name", "email", "label", "profiles", "", "\u0000", "ü"])
documents = st.fixed_dictionaries(
    {"work": st.lists(values, max_size=2)},
    optional={"basics": st.dictionaries(names, values, max_size=5), "note": values.filter(bool)},
)
edits = st.tuples(st.dictionaries(names, values, max_size=3), st.lists(names, max_size=3)).map(
    lambda edit: (edit[0], [name for name in edit[1] if name not in edit[0]])
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents, taken=st.lists(edits, max_size=3))
async def test_an_edit_of_members_is_the_same_edit_of_the_document(
    resumes: Resumes, document: dict[str, Any], taken: list[tuple[dict[str, Any], list[str]]]
) -> None:
    path = await resumes.make()
    await resumes.done("PUT", f"{path}/content", document)
    for fields, remove in taken:
        before = (await resumes.call("GET", f"{path}/content")).text
        basics = document.get("basics", {})
        changed = {n: v for n, v in basics.items() if n not in remove} | fields
        if fields or "basics" in document:
            # A member that is new is the document's first.
            document = (document if "basics" in document else {"basics": {}} | document) | {"basics": changed}
        answer = await resumes.call("PATCH", path, {"basicsFields": fields, "basicsRemove": remove})
        assert answer.status_code == 200, answer.text
        assert json.dumps(answer.json()["basics"]) == json.dumps(document.get("basics"))
        after = (await resumes.call("GET", f"{path}/content")).text
        assert json.dumps(json.loads(after)) == json.dumps(document)
        again = await resumes.call("PATCH", path, {"basicsFields": fields, "basicsRemove": remove})
        assert again.headers["etag"] == answer.headers["etag"], (before, after)


async def test_what_is_not_named_keeps_every_digit(client: httpx.AsyncClient, resumes: Resumes) -> None:
    path = await resumes.make()
    headers = resumes.owner | {"Content-Type": "application/json"}
    kept = '"n":0.1000000000000000000001,"name":"Ada","big":123456789012345678901234567890,"e":1E+400'
    await client.put(f"{path}/content", content=f'{{"work":[1],"basics":{{{kept}}}}}', headers=headers)
    body = '{"basicsFields": {"label": 2.000000000000000000000001, "name": "Grace"}}'
    answer = await client.patch(path, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    wanted = kept.replace("Ada", "Grace") + ',"label":2.000000000000000000000001'
    assert (await resumes.call("GET", f"{path}/content")).text == f'{{"work":[1],"basics":{{{wanted}}}}}'


async def test_an_edit_of_members_is_a_version_of_the_resume(resumes: Resumes) -> None:
    path = await resumes.make(basics={"name": "Ada", "email": "ada@example.org"})
    stale = await resumes.call("PATCH", path, {"basicsFields": {"label": "X"}}, If_Match='"v7"')
    assert stale.status_code == 412
    body = {"title": "New", "basicsFields": {"label": "Cartographer"}, "basicsRemove": ["email"]}
    changed = await resumes.call("PATCH", path, body, If_Match='"v1"')
    assert (changed.headers["etag"], changed.json()["title"]) == ('"v2"', "New")
    assert await resumes.read(f"{path}/content") == {"basics": {"name": "Ada", "label": "Cartographer"}}
    assert await resumes.titles(q="cartographer") == ["New"]
    assert await resumes.titles(q="example.org") == []
    for nothing in ({"basicsFields": {}}, {"basicsRemove": []}, {"basicsRemove": ["email"]}):
        assert (await resumes.call("PATCH", path, nothing)).headers["etag"] == '"v2"'


async def test_basics_are_begun_by_their_first_member(resumes: Resumes) -> None:
    path = await resumes.make(content={"work": []})
    await resumes.done("PATCH", path, {"basicsFields": {}, "basicsRemove": ["name"]})
    assert await resumes.read(f"{path}/content") == {"work": []}
    await resumes.done("PATCH", path, {"basicsFields": {"name": "Ada"}})
    assert await resumes.read(f"{path}/content") == {"basics": {"name": "Ada"}, "work": []}
    await resumes.done("PATCH", path, {"basicsRemove": ["name"]})
    assert await resumes.read(f"{path}/content") == {"basics": {}, "work": []}


async def test_what_the_basics_said_is_kept_as_a_version_when_all_of_it_goes(resumes: Resumes) -> None:
    path = await resumes.make(basics={"name": "Ada Lovelace", "label": "Analyst"})
    await resumes.done("PATCH", path, {"basicsFields": {"email": "ada@example.org"}})
    assert (await resumes.read(f"{path}/versions"))["items"] == []
    await resumes.done("PATCH", path, {"basicsRemove": ["name", "label", "email"]})
    (kept,) = (await resumes.read(f"{path}/versions"))["items"]
    version = await resumes.read(f"/api/v1/versions/{kept['id']}")
    assert (kept["reason"], version["content"]["basics"]["label"]) == ("automatic", "Analyst")


@pytest.mark.parametrize(
    ("basics", "body", "path"),
    [
        ({}, {"basics": {}, "basicsFields": {}}, "$.basics"),
        ({}, {"basics": None, "basicsRemove": []}, "$.basics"),
        ({}, {"basicsFields": {"a": 1}, "basicsRemove": ["a"]}, "$.basicsRemove"),
        ("Ada", {"basicsFields": {"name": "Ada"}}, "$.basicsFields"),
        ([1], {"basicsRemove": ["a"]}, "$.basicsFields"),
        (0, {"basicsFields": {}}, "$.basicsFields"),
    ],
)
async def test_an_edit_that_makes_no_sense_changes_nothing(
    resumes: Resumes, basics: Any, body: Any, path: str
) -> None:
    made = await resumes.make(basics=basics)
    refused = await resumes.call("PATCH", made, {"title": "New"} | body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, path)
    read = await resumes.read(made)
    assert (read["title"], read["basics"], read["version"]) == ("Ada", basics, 1)


async def test_basics_as_deep_as_a_body_may_be_take_edits(resumes: Resumes) -> None:
    deep: Any = "x"
    for _ in range(61):
        deep = [deep]
    path = await resumes.make(content={"basics": {"deep": deep}})
    await resumes.done("PATCH", path, {"basicsFields": {"name": "Ada", "deep": [deep]}})
    document = await resumes.read(f"{path}/content")
    assert document == {"basics": {"deep": [deep], "name": "Ada"}}
    await resumes.done("PUT", f"{path}/content", document)
