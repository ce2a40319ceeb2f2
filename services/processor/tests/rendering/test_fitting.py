"""A resume is set as large as the pages that it is to fill can hold, within what may be asked of a reader's eyes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processor_standins.engine import Engine

from processor.rendering import Rendered, Template, load_builtin
from processor.rendering.fitting import FitLimits, fit

Pages = Callable[[bytes], list[str]]
LIMITS = FitLimits(min=0.8, max=1.25)
SIZE = 10.0


class Counter:
    """A document that needs so much room at scale 1, in pages, and more the larger it is set."""

    def __init__(self, room: float) -> None:
        self.room = room
        self.asked: list[float] = []

    def __call__(self, scale: float) -> int:
        self.asked.append(scale)
        return max(1, -int(-self.room * scale * scale // 1))


ROOM = st.floats(0.05, 12, allow_nan=False)


@given(room=ROOM, wanted=st.integers(1, 10), size=st.floats(7.5, 13))
def test_a_fitted_document_is_as_large_as_its_pages_hold_or_as_near_as_it_gets(
    room: float, wanted: int, size: float
) -> None:
    count = Counter(room)
    found = fit(count, wanted, limits=LIMITS, size=size)
    low, high = min(1.0, max(0.8, 7.5 / size)), 1.25
    assert low - 1e-6 <= found.scale <= high + 1e-6
    assert found.scale * size >= 7.5 - 1e-6
    assert found.pages == count(found.scale)
    assert found.fits == (found.pages == wanted)
    larger, smallest = round(found.scale + 0.01, 2), found.pages > wanted
    if smallest:  # no scale would have done
        assert count(round(found.scale - 0.01, 2)) > wanted or found.scale - 0.01 < low
    elif larger <= high:
        assert count(larger) > wanted


@given(room=ROOM, wanted=st.integers(1, 10))
def test_fitting_takes_few_looks(room: float, wanted: int) -> None:
    count = Counter(room)
    fit(count, wanted, limits=LIMITS, size=SIZE)
    assert len(count.asked) == len(set(count.asked)) <= 9


@given(room=ROOM, wanted=st.integers(1, 10), guess=st.floats(0.5, 2), right=st.booleans())
def test_a_guess_changes_how_long_fitting_takes_and_not_what_it_finds(
    room: float, wanted: int, guess: float, right: bool
) -> None:
    found = fit(Counter(room), wanted, limits=LIMITS, size=SIZE)
    count = Counter(room)
    guess = found.scale if right else guess
    assert fit(count, wanted, limits=LIMITS, size=SIZE, guess=guess) == found
    assert len(count.asked) <= (2 if right else 11)


@given(pages=st.lists(st.integers(1, 5), min_size=200, max_size=200), wanted=st.integers(1, 5))
def test_a_document_that_grows_by_leaps_ends_all_the_same(pages: list[int], wanted: int) -> None:
    found = fit(lambda scale: pages[round(scale * 100)], wanted, limits=LIMITS, size=SIZE)
    assert found.fits == (pages[round(found.scale * 100)] == wanted)


STORY = (
    "Led the move of the archive to a warm hall without losing a page, taught three people to read its oldest maps, wrote "
    "down what had only been told, and found that the river had been drawn a mile too far to the west since 1781. "
)
HIGHLIGHTS = [(STORY * 2)[7 * n : 47 + 31 * n % 157] for n in range(10)]
LONG: dict[str, Any] = {
    "basics": {"name": "Ada Long"},
    "work": [
        {
            "position": f"Role {n}",
            "name": f"Company {n}",
            "highlights": HIGHLIGHTS[n % 7 :][:3],
        }
        for n in range(24)
    ],
}


def codes(made: Rendered) -> list[str]:
    return [warning.code for warning in made.warnings]


@pytest.mark.parametrize("name", ["classic", "modern", "sidebar"])
async def test_a_resume_fills_the_pages_that_were_asked_for(
    engine: Engine, pages_of: Pages, name: str
) -> None:
    template = newest(name)
    airy = {"size": 11, "density": "airy", "page": "us-letter"}
    natural = (await engine.made(template, LONG, airy)).page_count
    smaller = await engine.made(template, LONG, airy | {"fit": natural - 1})
    assert (smaller.page_count, codes(smaller)) == (natural - 1, [])
    dense = {"size": 8.5, "density": "compact"}
    usual = await engine.made(template, LONG, dense)
    filled = await engine.made(template, LONG, dense | {"fit": usual.page_count})
    assert (filled.page_count, codes(filled)) == (usual.page_count, [])
    last, last_filled = pages_of(usual.files[0])[-1], pages_of(filled.files[0])[-1]
    assert "Company 23" in last_filled
    assert len(last_filled) >= len(last)  # what is set larger moves on to it
    assert filled.files != usual.files


async def test_a_resume_that_cannot_fit_is_set_as_near_as_it_gets_and_says_so(engine: Engine) -> None:
    template = newest("classic")
    natural = (await engine.made(template, LONG, {})).page_count
    assert natural > 1
    for wanted, how in ((1, "smaller"), (9, "larger")):
        made = await engine.made(template, LONG, {"fit": wanted})
        [warning] = [warning for warning in made.warnings if warning.code == "does_not_fit"]
        assert f"has {made.page_count} pages, not {wanted}" in warning.message
        assert how in warning.message
        assert abs(made.page_count - wanted) <= abs(natural - wanted)


async def test_a_resume_too_short_for_its_page_is_not_blown_up_and_says_so(engine: Engine) -> None:
    short = {"basics": {"name": "Ada"}, "work": [{"position": "Cook", "name": "Inn"}]}
    usual = await engine.made(newest("classic"), short, {})
    made = await engine.made(newest("classic"), short, {"fit": 1})
    assert made.files == usual.files
    assert codes(made) == ["does_not_fit"]


def newest(name: str) -> Template:
    return max((t for t in load_builtin().values() if t.id == name), key=lambda t: t.version)
