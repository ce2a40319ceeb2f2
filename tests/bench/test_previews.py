"""The preview of an editor: every request with another word in one bullet, all of it from the client's side."""

import copy
import time
from statistics import quantiles
from typing import Any

import pytest

from tests.e2e.documents import FULL
from tests.e2e.people import Person
from tests.e2e.stack import Stack

REQUESTS, WARM_UP = 60, 6
# Nine of ten that an editor waits for are of two pages or fewer.
TWO_PAGES: dict[str, Any] = {
    **FULL,
    "work": [
        {
            "name": f"Company {n}",
            "position": "Engineer",
            "startDate": f"20{10 + n}-03",
            "endDate": f"20{11 + n}-02",
            "summary": "Led a team that built what people use every day, and kept it running at night.",
            "highlights": [
                f"Thing {n}.{k}, which took longer than planned and was worth it" for k in range(4)
            ],
        }
        for n in range(6)
    ],
}


@pytest.mark.parametrize("remembers", [False, True], ids=["all pages sent", "known pages left out"])
@pytest.mark.parametrize("template", ["modern", "classic"])
def test_a_preview_of_two_pages_is_there_while_one_types(
    stack: Stack, template: str, remembers: bool
) -> None:
    """Both pages as SVG, straight from the service and through the gateway."""
    person = Person(stack)
    print()
    for way, address in (("service", stack.run["services"]["processor"]), ("gateway", "")):
        took, sent = [], 0
        known: list[str] = []
        for n in range(REQUESTS):
            content = copy.deepcopy(TWO_PAGES)
            content["work"][2]["highlights"][1] = (
                f"Edited for the {n}th time by the {way} while somebody waits"
            )
            body = {"content": content, "template": template, "session": way, "known": known}
            started = time.perf_counter()
            answer = person.http.post(f"{address}/render/v1/previews", json=body)
            took.append(time.perf_counter() - started)
            assert answer.status_code == 200, answer.text
            read = answer.json()
            assert read["pageCount"] == 2
            known = [page["hash"] for page in read["pages"]] if remembers else []
            sent += len(answer.content)
        steps = quantiles(took[WARM_UP:], n=20)
        p50, p95 = steps[9] * 1000, steps[18] * 1000
        size = sent / REQUESTS / 1024
        print(f"preview of 2 pages, {template}, {way}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, {size:.0f} KB")
        assert (template, way) != ("modern", "service") or p50 <= 25
