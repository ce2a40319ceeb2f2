"""What is put comes back: the same members in the same order with the same values, whatever they are."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.testing import npm

DOCUMENTS = Path(__file__).parents[1] / "documents"


def exactly(text: str | bytes) -> Any:
    """JSON with the order of members, whole numbers and all digits, so that nothing equals what it is not."""

    def mark(value: Any) -> Any:
        if isinstance(value, list):
            return [mark(item) for item in value]
        if isinstance(value, tuple):
            return ("object", [(key, mark(item)) for key, item in value])
        return (type(value).__name__, value)

    return mark(json.loads(text, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=tuple))


async def assert_kept(client: httpx.AsyncClient, owner: dict[str, str], path: str, text: str | bytes) -> None:
    put = await client.put(f"{path}/content", content=text, headers=owner)
    assert put.status_code == 200, put.text
    for _ in range(2):  # from the database, then from the cache
        got = await client.get(f"{path}/content", headers=owner)
        assert exactly(got.content) == exactly(text)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"work": null}',
        '{"work": "x"}',
        '{"work": [1, null, "a", [], {}, true, 1.0, [[1]]]}',
        '{"basics": []}',
        '{"basics": null}',
        '{"basics": 0, "meta": [], "$schema": []}',
        '{"z": 1, "work": [], "a": {"z": 1, "a": 2}, "basics": {}, "b": []}',
        '{"skills": [], "work": [{}], "education": []}',
        '{"": 1, " ": [1], "wörk": [1], "work ": [2], "a.b": [3], "1": [4]}',
        '{"work": [1, 1, 1, {"a": 1}, {"a": 1}]}',
        '{"n": 123456789012345678901234567890, "work": [-18446744073709551617]}',
        '{"n": [1.0, 1e-7, 1E5, 0.1, -0.0, 1e400, -1e400, 1e-400, 0.1000000000000000000001]}',
        '{"work": [1e400, 1.0, 100000000000000000000000]}',
        '{"a": "\\u0000", "work": ["\\u0000", {"\\u0000": "\\u0000"}], "\\u0000": [1]}',
        '{"a": "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467", "work": ["\\ud83d\\ude00"]}',
        '{"work": ["<b>&\\"quoted\\"\\\\\\/\\b\\f\\n\\r\\t\\u2028\\u2029"]}',
        '{"a": "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u202e", "work": ["\u05e2\u05d1\u05e8\u05d9\u05ea"]}',
        '{"a": ' + "[" * 63 + "]" * 63 + "}",
        '{"work": ' + "[" * 63 + "1" + "]" * 63 + "}",
        json.dumps({f"list{n}": [n] for n in range(150)}),
        json.dumps({"work": list(range(6000)), "skills": ["a"]}),
    ],
)
async def test_odd_documents_are_kept(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, text: str
) -> None:
    await assert_kept(client, owner, await make_resume(), text)


async def test_of_members_with_one_name_the_last_is_kept(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    path = await make_resume()
    await client.put(f"{path}/content", content='{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}', headers=owner)
    assert (await client.get(f"{path}/content", headers=owner)).json() == {"a": 2, "b": {"c": 2}}


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTS.glob("*.json")))
async def test_whole_resumes_are_kept(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, name: str
) -> None:
    await assert_kept(client, owner, await make_resume(), (DOCUMENTS / name).read_bytes())


@pytest.mark.parametrize("package", npm.PACKAGES)
async def test_published_resumes_are_kept_in_and_out(
    client: httpx.AsyncClient, owner: dict[str, str], package: str
) -> None:
    resumes = npm.resumes(package)
    assert resumes
    for name, text in resumes.items():
        made = await client.post(
            "/api/v1/imports", json={"format": "json-resume", "document": json.loads(text)}, headers=owner
        )
        assert made.status_code == 201, (name, made.text)
        got = await client.get(f"{made.headers['location']}/content", headers=owner)
        assert exactly(got.content) == exactly(text), name
        await assert_kept(client, owner, made.headers["location"], text)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
members = st.sampled_from(["$schema", "basics", "work", "education", "skills", "meta", "custom"]) | text
documents = st.dictionaries(members, values | st.lists(values, max_size=6), max_size=6)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=documents, second=documents)
async def test_any_object_is_kept_also_after_another(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, first: Any, second: Any
) -> None:
    path = await make_resume(content=first)
    for document in (second, first):
        await assert_kept(client, owner, path, json.dumps(document))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[]", "object"),
        (b'"text"', "object"),
        (b"null", "object"),
        (b"{not json", "malformed"),
        (b'{"a": 1', "truncated"),
        (b'{"a": NaN}', "malformed"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": "x\\udc00\\ud83d y"}', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b'{"a": "\xed\xa0\x80"}', "UTF-8"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}", "64 levels"),
        (b'{"a": ' + b"[" * 200_000, "64 levels"),
        (b'{"a": 1e99999999999999999999}', "exponent"),
        (b'{"a": ' + b"9" * 5000 + b"}", "Integer"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_the_reason(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, body: bytes, says: str
) -> None:
    path = await make_resume(content={"work": ["stays"]})
    answer = await client.put(f"{path}/content", content=body, headers=owner)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["path"] == "$"
    assert says in answer.json()["errors"][0]["message"]
    assert (await client.get(f"{path}/content", headers=owner)).json() == {"work": ["stays"]}


async def test_a_body_of_two_mebibytes_is_413(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    body = json.dumps({"summary": "x" * (2 << 20)})
    for answer in (
        await client.put(f"{await make_resume()}/content", content=body, headers=owner),
        await client.post("/api/v1/imports", content=body, headers=owner),
    ):
        assert answer.status_code == 413
        assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"


async def test_a_resume_with_500_jobs_is_written_and_read_at_once(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    jobs = [
        {"name": f"Company {n}", "highlights": ["a" * 100, "b" * 100], "startDate": "2020"}
        for n in range(500)
    ]
    path = await make_resume(content={"work": jobs})
    changed = {"work": [*jobs[1:250], {"name": "New"}, *jobs[250:], jobs[0]]}
    put = await client.put(f"{path}/content", json=changed, headers=owner)
    assert put.status_code == 200
    assert put.elapsed.total_seconds() < 1
    got = await client.get(f"{path}/content", headers=owner)
    assert got.json() == changed
    assert got.elapsed.total_seconds() < 0.5
