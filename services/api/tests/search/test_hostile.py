"""Whatever is typed or written, a search is a search."""

from typing import Any

import httpx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.search.parsing import parse

PATH = "/api/v1/resumes"
Search = Any

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
"""What can stand in an address: a null character is refused there (test_nulls)."""
_SIGNS = "\" ' * ^ ( ) : - + NEAR NEAR( AND OR NOT { } , & | ! <-> :* \\ ; -- terms words: ada é 京 % _ ¶"
_SYNTAX = st.lists(st.sampled_from([*_SIGNS.split(" "), "\n"]), max_size=12).map(" ".join)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=_TYPED | _SYNTAX | _SYNTAX.map(lambda q: q.replace(" ", "")))
async def test_nothing_that_is_typed_is_an_operator_or_an_error(search: Search, q: str) -> None:
    assert isinstance(await search(q[:200]), list)


@example(name="null\0and void", title="É+")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=_TEXT, title=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
async def test_whatever_is_written_can_be_found_by_its_own_words(
    client: httpx.AsyncClient, owner: dict[str, str], name: str, title: str
) -> None:
    body = {"title": title, "content": {"basics": {"name": name}}}
    made = await client.post(PATH, json=body, headers=owner)
    assert made.status_code == 201, made.text
    words = name.replace("\0", "")
    for q in (title, words, f'"{words.replace(chr(34), " ")}"', f'"{title.replace(chr(34), " ")}"'):
        if parse(q[:200]):
            params = {"q": q[:200], "limit": 100}
            found = (await client.get(PATH, params=params, headers=owner)).json()["items"]
            assert made.json()["id"] in [item["id"] for item in found], q
    await client.delete(made.headers["location"], headers=owner)
