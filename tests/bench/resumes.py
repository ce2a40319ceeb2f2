"""What the service of resumes is asked in the benches, and how long it takes to answer."""

import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import httpx

Headers = dict[str, str]
Ask = Callable[[int], Awaitable[httpx.Response]]
"""Sends the request of that number."""


def document(items: int = 60) -> dict[str, Any]:
    """A resume of `items` entries in six sections, some 20 KiB."""
    kinds = ("work", "education", "projects", "skills", "publications", "volunteer")
    text = "Led the design of an analytical engine and the people who build it, with measured results. "

    def entry(kind: str, number: int) -> dict[str, Any]:
        return {
            "name": f"{kind.title()} {number}",
            "position": "Engineer",
            "startDate": "2019-04",
            "endDate": "2024-06",
            "summary": text,
            "highlights": [f"{text[:60]} {number}.{n}" for n in range(2)],
        }

    content: dict[str, Any] = {
        "basics": {"name": "Ada Lovelace", "label": "Engineer mark0000", "summary": text * 2}
    }
    for kind in kinds:
        content[kind] = [entry(kind, number) for number in range(items // len(kinds))]
    return content


async def create(client: httpx.AsyncClient, headers: Headers, *, items: int) -> str:
    """The path of a new resume."""
    body = {"title": "Ada mark0000", "content": document(items)}
    answer = await client.post("/api/v1/resumes", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def p50(ask: Ask, *, times: int = 60, before: Ask | None = None) -> float:
    """The median of how many milliseconds an answer takes, one after the other; each has to be a success.

    `before` is asked before each, and not counted.
    """
    taken = []
    for number in range(times + 5):
        if before is not None:
            await before(number)
        started = time.perf_counter()
        answer = await ask(number)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.is_success, answer.text
    return median(taken[5:])
