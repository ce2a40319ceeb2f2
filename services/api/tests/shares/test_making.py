"""What it takes to make a page: little, whatever is written; and once, however many want to see it."""

import asyncio
import time
from typing import Any

import pytest

from api.shares import making, showing
from api.shares.reading import dates
from api.shares.showing import Made

NESTED = {
    "lists": "<ul><li>word " * 35_000,
    "elements that are not closed": "<b>" * 30_000 + "word",
    "one large text": "<p>word</p>" * 15_000,
}


@pytest.mark.parametrize("written", NESTED.values(), ids=NESTED)
async def test_a_page_with_html_that_is_nested_thousands_deep_is_made_at_once(
    make_share: Any, opened: Any, written: str
) -> None:
    content = {
        "basics": {"name": "Ada", "summary": written},
        "work": [{"name": "E", "highlights": [written]}],
    }
    share = await make_share(content=content)
    started = time.process_time()
    page = await opened(share)
    assert time.process_time() - started < 3
    assert page.status_code == 200
    assert "word" in page.text


async def test_html_of_ordinary_size_keeps_its_looks(make_share: Any, opened: Any) -> None:
    written = "<ul>" + "<li><b>word</b></li>" * 200 + "</ul>"
    page = await opened(await make_share(content={"basics": {"name": "Ada", "summary": written}}))
    assert page.text.count("<b>word</b>") == 200


async def test_a_page_is_made_once_however_many_want_to_see_it(
    make_share: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, made, make = await make_share(), [], showing.make

    def slow(*args: Any, **named: Any) -> Made:
        made.append(args)
        time.sleep(0.3)
        return make(*args, **named)

    monkeypatch.setattr(showing, "make", slow)
    pages = await asyncio.gather(*(opened(share) for _ in range(20)))
    assert len({page.content for page in pages}) == 1
    assert len(made) == 1


async def test_a_page_that_could_not_be_made_is_tried_again(
    make_share: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, make = await make_share(), showing.make
    refused = iter([True])

    def once(*args: Any, **named: Any) -> Made:
        if next(refused, False):
            raise MemoryError
        return make(*args, **named)

    monkeypatch.setattr(showing, "make", once)
    assert (await opened(share)).status_code == 500
    assert (await opened(share)).status_code == 200


async def test_pages_beyond_those_that_may_wait_are_refused_for_now(
    make_share: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares, make = [await make_share() for _ in range(4)], showing.make

    def slow(*args: Any, **named: Any) -> Made:
        time.sleep(0.5)
        return make(*args, **named)

    monkeypatch.setattr(showing, "make", slow)
    monkeypatch.setattr(making, "MOST_WAITING", 3)
    pages = await asyncio.gather(*map(opened, shares))
    assert sorted(page.status_code for page in pages) == [200, 200, 200, 503]
    late = next(page for page in pages if page.status_code == 503)
    assert late.headers["retry-after"]


def test_long_texts_are_not_kept_among_the_dates() -> None:
    before = dates._month.cache_info().currsize
    assert dates.month("2" * 41, "en") == "2" * 41
    assert dates._month.cache_info().currsize == before
