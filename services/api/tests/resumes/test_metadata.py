"""What a resume is called, looks like and has as basics."""

from typing import Any

import httpx
import pytest

from common.ids import new_id

PATH = "/api/v1/resumes"
Resumes = Any


async def test_everything_that_is_set_at_once_is_read_back(resumes: Resumes) -> None:
    fields = {
        "title": "سيرة ذاتية",
        "language": "ar",
        "direction": "rtl",
        "pageSize": "a4",
        "settings": {"accent": "#123456"},
        "tags": ["🚀 rockets", "Zürich"],
        "content": {"basics": {"name": "آدا"}, "work": []},
    }
    made = await resumes.done("POST", PATH, fields)
    read = await resumes.read(f"{PATH}/{made['id']}")
    assert read == made
    basics = fields.pop("content")["basics"]  # type: ignore[attr-defined]
    assert {name: read[name] for name in fields} == fields
    assert (read["basics"], read["kind"], read["isLocked"]) == (basics, "resume", False)
    assert (read["familyId"], read["deletedAt"]) == (None, None)


async def test_a_list_does_not_show_basics(resumes: Resumes) -> None:
    path = await resumes.make(content={"basics": {"name": "Ada"}})
    read = await resumes.read(path)
    assert read.pop("basics") == {"name": "Ada"}
    assert (await resumes.page())["items"] == [read]


async def test_the_kind_stays_for_ever(resumes: Resumes) -> None:
    path = await resumes.make(kind="cover-letter")
    refused = await resumes.call("PATCH", path, {"kind": "resume"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "$.kind"
    assert (await resumes.read(path))["kind"] == "cover-letter"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "New"},
        {"language": "fr-CA"},
        {"direction": "ltr"},
        {"settings": {"density": "airy"}},
        {"pageSize": "us-letter"},
        {"tags": ["one"]},
        {"basics": {"name": "Other"}},
        {"template": {"id": "modern", "version": 2}},
    ],
)
async def test_each_change_is_a_version_and_the_same_again_is_none(resumes: Resumes, change: Any) -> None:
    path = await resumes.make()
    first = await resumes.call("PATCH", path, change)
    assert first.status_code == 200, first.text
    assert first.headers["etag"] == '"v2"'
    assert {name: first.json()[name] for name in change} == change
    assert (await resumes.read(path)) == first.json()
    assert (await resumes.call("PATCH", path, change)).headers["etag"] == '"v2"'
    assert (await resumes.call("PATCH", path, change, If_Match='"v1"')).status_code == 412


async def test_basics_keep_every_digit(client: httpx.AsyncClient, resumes: Resumes) -> None:
    path = await resumes.make(content={"work": [1], "basics": {"name": "Ada"}})
    text = '{"n":0.1000000000000000000001,"big":123456789012345678901234567890,"e":1e400,"\\u0000":null}'
    body = f'{{"basics":{text}}}'
    headers = resumes.owner | {"Content-Type": "application/json"}
    answer = await client.patch(path, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    for read in (answer, await resumes.call("GET", path), await resumes.call("GET", f"{path}/content")):
        for number in ("0.1000000000000000000001", "123456789012345678901234567890", "1E+400"):
            assert number in read.text
    assert (await resumes.call("GET", f"{path}/content")).text.startswith('{"work":[1],"basics":')


async def test_basics_come_and_go_with_their_member(resumes: Resumes) -> None:
    path = await resumes.make(content={"work": [{"name": "Engine"}], "note": "kept"})
    await resumes.done("PATCH", path, {"basics": {"name": "Ada"}})
    content = await resumes.read(f"{path}/content")
    assert content == {"basics": {"name": "Ada"}, "work": [{"name": "Engine"}], "note": "kept"}
    await resumes.done("PATCH", path, {"basics": None})
    assert await resumes.read(f"{path}/content") == {"work": [{"name": "Engine"}], "note": "kept"}
    assert (await resumes.read(path))["basics"] is None


@pytest.mark.parametrize("odd", [[], "Ada", 1, False, {}, [None], {"name": {"deep": [1]}}])
async def test_basics_may_be_any_json(resumes: Resumes, odd: Any) -> None:
    path = await resumes.make(basics=odd)
    assert (await resumes.read(path))["basics"] == odd
    assert await resumes.read(f"{path}/content") == {"basics": odd}


async def test_a_document_whose_basics_are_null_keeps_them(resumes: Resumes) -> None:
    path = await resumes.make(content={"basics": None})
    assert await resumes.read(f"{path}/content") == {"basics": None}
    assert (await resumes.read(path))["basics"] is None


async def test_basics_are_not_given_twice(resumes: Resumes) -> None:
    body = {"title": "A", "basics": {}, "content": {"basics": {}}}
    refused = await resumes.call("POST", PATH, body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "$.basics"


async def test_what_the_basics_were_is_kept_as_a_version_when_they_go(resumes: Resumes) -> None:
    path = await resumes.make(content={"basics": {"name": "Ada"}})
    await resumes.done("PATCH", path, {"basics": None})
    kept = (await resumes.read(f"{path}/versions"))["items"]
    assert [version["reason"] for version in kept] == ["automatic"]
    version = await resumes.read(f"/api/v1/versions/{kept[0]['id']}")
    assert version["content"] == {"basics": {"name": "Ada"}}


async def test_basics_deeper_than_a_body_may_be_are_refused(resumes: Resumes) -> None:
    path = await resumes.make()
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]
    assert (await resumes.call("PATCH", path, {"basics": deep})).status_code == 400


async def test_a_megabyte_of_content_is_kept_and_found(resumes: Resumes) -> None:
    words = [f"word{number}" for number in range(60_000)]
    path = await resumes.make(content={"work": [{"summary": " ".join(words)}], "basics": {"image": "x"}})
    read = await resumes.read(f"{path}/content")
    assert read["work"][0]["summary"].endswith("word59999")
    assert await resumes.titles(q="word59999") == ["Ada"]
    assert await resumes.titles(q='"word41233 word41234 word41235"') == ["Ada"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"direction": "up"}, "$.direction"),
        ({"pageSize": ""}, "$.pageSize"),
        ({"pageSize": 4}, "$.pageSize"),
        ({"kind": "poem"}, "$.kind"),
        ({"tags": ["ok", " "]}, "$.tags[1]"),
        ({"tags": ["a\nb"]}, "$.tags[0]"),
        ({"tags": ["x" * 51]}, "$.tags[0]"),
        ({"tags": "one"}, "$.tags"),
        ({"tags": [str(n) for n in range(21)]}, "$.tags"),
        ({"isLocked": True}, "$.isLocked"),
    ],
)
async def test_what_is_wrong_is_named(resumes: Resumes, body: Any, path: str) -> None:
    answer = await resumes.call("POST", PATH, {"title": "A"} | body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == path
    assert await resumes.titles() == []


async def test_the_page_size_is_one_of_the_template(designed: Resumes) -> None:
    path = await designed.make(pageSize="us-letter")
    for body in ({"pageSize": "a5"}, {"template": "narrow"}, {"template": "narrow", "pageSize": "a4"}):
        refused = await designed.call("PATCH", path, body)
        assert (refused.status_code, refused.json()["code"]) == (422, "UNKNOWN_PAGE_SIZE"), body
        assert refused.json()["errors"][0]["path"] == "$.pageSize"
    assert (await designed.call("POST", PATH, {"title": "A", "pageSize": "a5"})).status_code == 422
    changed = await designed.done("PATCH", path, {"template": "narrow", "pageSize": "a5"})
    assert (changed["template"]["id"], changed["pageSize"]) == ("narrow", "a5")
    assert (await designed.done("PATCH", path, {"pageSize": None}))["pageSize"] is None


async def test_settings_are_those_of_the_template(designed: Resumes) -> None:
    path = await designed.make(settings={"accent": "#112233"})
    for settings, code in (({"colour": 1}, "UNKNOWN_OPTION"), ({"accent": "red"}, "INVALID_OPTION")):
        refused = await designed.call("PATCH", path, {"settings": settings})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["path"].startswith("$.settings.")
        body = {"title": "A", "settings": settings}
        assert (await designed.call("POST", PATH, body)).status_code == 422
    assert (await designed.read(path))["settings"] == {"accent": "#112233"}


async def test_a_letter_takes_a_template_for_letters(designed: Resumes) -> None:
    made = await designed.done("POST", PATH, {"title": "A", "kind": "cover-letter"})
    assert made["template"]["id"] == "letter"
    refused = await designed.call("POST", PATH, {"title": "A", "kind": "resume", "template": "letter"})
    assert (refused.status_code, refused.json()["code"]) == (422, "TEMPLATE_NOT_FOR_KIND")
    path = f"{PATH}/{made['id']}"
    assert (await designed.call("PATCH", path, {"template": "classic"})).status_code == 422


async def exported(resumes: Resumes, path: str, **fields: Any) -> Any:
    body = {"resumeId": path.rsplit("/", 1)[1], "format": "pdf"} | fields
    accepted = await resumes.done("POST", "/api/v1/exports", body)
    return (await resumes.read(f"/api/v1/exports/{accepted['exportId']}"))["options"]


async def test_exports_have_the_paper_and_the_direction_of_their_resume(designed: Resumes) -> None:
    path = await designed.make(
        pageSize="us-letter", direction="rtl", settings={"page": "a4", "accent": "#112233"}
    )
    wanted = {"page": "us-letter", "direction": "rtl", "accent": "#112233"}
    assert await exported(designed, path) == wanted
    own = {"page": "a4", "direction": "ltr"}
    assert await exported(designed, path, options=own) == wanted | own
    assert await exported(designed, path, template="narrow") == {}  # which has no such options
    assert await exported(designed, await designed.make()) == {}


async def test_a_resume_of_somebody_else_is_not_found(resumes: Resumes, others: Resumes) -> None:
    path = await resumes.make()
    nowhere = f"{PATH}/{new_id()}"
    calls: list[tuple[str, str, Any]] = [
        ("PATCH", "", {"title": "Mine"}),
        ("PUT", "/lock", {"locked": True}),
        ("POST", "/duplicate", {}),
        ("POST", "/restore", None),
        ("DELETE", "?permanently=true", None),
        ("DELETE", "", None),
    ]
    for method, rest, body in calls:
        for where in (path, nowhere):
            assert (await others.call(method, where + rest, body)).status_code == 404, (method, rest)
    assert (await resumes.read(path))["version"] == 1
