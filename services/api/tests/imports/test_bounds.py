"""Documents that are small to send and large to read: refused before they keep a processor busy."""

import time
from typing import Any

import httpx
import pytest

from api.imports import formats, prose
from api.imports.problems import Unreadable

PATH = "/api/v1/imports"
_CANDIDATE = "<Candidate>{}</Candidate>"
SOURCES = {
    "elements": _CANDIDATE.format("<a/>" * 1_100_000),
    "attributes": _CANDIDATE.format('<a b="" c="" d=""/>' * 250_000),
    "values": '{"cv":{"name":"A","x":' + "[" * 55 + "1," * 1_200_000 + "1" + "]" * 55 + "}}",
    "values of YAML": "cv: {name: A, x: [" + "{a: b}," * 300_000 + "]}",
    "sections of one name": "cv:\n  sections:\n"
    + "".join(f"    'a{' ' * (n % 1000)}{'!' * (n // 1000)}': []\n" for n in range(6000)),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_document_of_very_many_parts_is_refused_at_once(source: str) -> None:
    started = time.thread_time()
    with pytest.raises(Unreadable, match="There are more than"):
        formats.read(source.encode(), None)
    assert time.thread_time() - started < 1.5


async def test_a_document_of_very_many_elements_is_refused_over_http_too(
    client: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    answer = await client.post(PATH, files={"file": ("x.xml", SOURCES["elements"].encode())}, headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (422, "IMPORT_UNREADABLE")


@pytest.mark.parametrize("written", ["&#" + "1" * 5000 + ";", "<p>&#" + "9" * 5000, "&#x" + "1" * 5000])
def test_a_reference_to_a_character_that_cannot_be_is_read(written: str) -> None:
    assert prose.text(written) == "\ufffd"


def test_a_long_list_keeps_every_line() -> None:
    found: Any = prose.read(
        "<p>Did:</p><ul><li>a<br>b<p>c</p><ul><li>d</li><li>e</li></ul></li><li>f</li></ul>"
    )
    assert (found.text, found.highlights) == ("Did:", ["a\nb\nc\n  - d\n  - e", "f"])
