"""Documents as JSON Resume describes them, with whatever else their writers put into them."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.contents.json_resume import DATE, EMAIL, SCHEMA, TEXT, URI, Shape

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
unknown = st.dictionaries(st.sampled_from(["x-mine", "", "ümlaut", "\u0000", "work "]), odd, max_size=2)
FORMS: dict[str, st.SearchStrategy[Any]] = {
    TEXT.name: text,
    DATE.name: st.from_regex(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d))?)?", fullmatch=True),
    URI.name: st.sampled_from(["https://example.org", "mailto:ada@example.org", "urn:x:ü"]),
    EMAIL.name: st.sampled_from(["ada@example.org", "ä@ö.example"]),
}


def shaped(shape: Shape, *, or_odd: bool) -> st.SearchStrategy[Any]:
    """Values of a shape of the schema, of any order of members and with unknown ones; or something else instead."""
    if isinstance(shape, dict):
        known = {name: shaped(inner, or_odd=or_odd) for name, inner in shape.items()}
        found = st.tuples(st.fixed_dictionaries({}, optional=known), unknown, st.randoms()).map(_shuffled)
    elif isinstance(shape, list):
        found = st.lists(shaped(shape[0], or_odd=or_odd), max_size=3)
    else:
        found = FORMS[shape.name]
    return found | odd if or_odd else found


def _shuffled(parts: Any) -> dict[str, Any]:
    known, others, chance = parts
    members = list((others | known).items())
    chance.shuffle(members)
    return dict(members)


often = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


async def put(
    client: httpx.AsyncClient, owner: dict[str, str], path: str, document: Any, **params: Any
) -> Any:
    answer = await client.put(f"{path}/content", params=params, json=document, headers=owner)
    assert answer.status_code == 200, answer.text
    got = await client.get(f"{path}/content", headers=owner)
    assert json.dumps(got.json()) == json.dumps(document)
    return answer.json()["warnings"]


@often
@given(document=shaped(SCHEMA, or_odd=False))
async def test_a_json_resume_is_kept_and_nothing_is_said_against_it(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, document: Any
) -> None:
    assert await put(client, owner, await make_resume(), document, strict=True) == []


@often
@given(document=shaped(SCHEMA, or_odd=True).filter(lambda document: isinstance(document, dict)))
async def test_what_only_resembles_a_json_resume_is_kept_too(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any, document: Any
) -> None:
    path = await make_resume()
    for warning in await put(client, owner, path, document):
        assert warning["path"].startswith("$.")
    assert await put(client, owner, path, {}) == []
