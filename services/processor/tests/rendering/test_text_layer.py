"""The text of a PDF comes back whole and in the order in which it is read, whatever reads it and whatever the template."""

import io
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pdfminer.high_level import extract_text, extract_text_to_fp
from processor_standins.engine import Engine

from processor.rendering import Rendered, Template, load_builtin
from processor.rendering.documents import LETTER, RESUME
from processor.rendering.manifest import TEMPLATES as FOLDER

Shown = Callable[[Template, str], Awaitable[Rendered]]
KIT_2 = [t for t in load_builtin().values() if t.engine == "typst" and t.kit == 2]
RESUMES = [t for t in KIT_2 if RESUME in t.kinds]
LETTERS = [t for t in KIT_2 if LETTER in t.kinds]
SAMPLE_LETTER: dict[str, Any] = json.loads((FOLDER / "kit/2/letter.json").read_text())
# What belongs together is read together, one after the other.
IN_ORDER = [
    ["Staff Engineer", "Office of Affairs", "Leads the off-line", "Cut first-file", "Filled five", "开发工程师", "示例科技公司"],
    ["开发工程师", "使用Vue.js", "検索機能", "소프트웨어", "Полевой инженер", "Ελληνική", "Việt Nam", "Rocket"],
    ["BSc, Fluid Mechanics", "University of Cardiff", "Difficult Flows", "Traffic"],
    ["raffle", "A small fluffy library.", "Used in nine offices"],
    ["Craft", "API design", "Profiling", "Efficiency", "C++", "F#"],
    ["On the Confluence of Rivers", "Journal of Fjords", "Shows how rivulets meet."],
    ["English", "Native speaker", "Deutsch", "Fließend"],
]  # fmt: skip


# Where a letter carries signs above each other, pdfminer takes them for letters of their own.
STACKED = "วิศวกร บริษัท"


def id_of(template: Template) -> str:
    return f"{template.id}-{template.version}"


def everything(template: Template, **more: Any) -> dict[str, Any]:
    """Options that let nothing be left out, with icons, which are no letters."""
    wanted = {"links": "written", "icons": True} | more
    return {name: value for name, value in wanted.items() if name in template.options}


def squeezed(text: str) -> str:
    """Without white space, which readers put where lines end and words stand apart."""
    return "".join(text.split())


def by_pdfium(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as opened:
        return squeezed("".join(page.get_textpage().get_text_range() for page in opened))


def by_pdfminer(pdf: bytes) -> str:
    return squeezed(extract_text(io.BytesIO(pdf)))


def as_it_lies(pdf: bytes) -> str:
    """By pdfminer without its guesses about columns, which put the names of skills before what belongs to them."""
    text = io.StringIO()
    extract_text_to_fp(io.BytesIO(pdf), text, laparams=None)
    return squeezed(text.getvalue())


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, child in value.items():
            if not name.lower().endswith("date") and name != "countryCode":
                yield from strings_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings_of(child)
    elif isinstance(value, str):
        yield value


def is_in_order(text: str, parts: list[str]) -> bool:
    place = 0
    for part in map(squeezed, parts):
        place = text.find(part, place) + 1
        if not place:
            return False
    return True


@pytest.mark.parametrize("template", RESUMES, ids=id_of)
async def test_every_string_of_a_resume_comes_back_in_reading_order(
    template: Template, shown: Shown, document: Callable[[str], dict[str, Any]]
) -> None:
    content = document("rich")
    pdf = (await shown(template, RESUME)).files[0]
    strings = list(strings_of(content))
    for text, lost in ((by_pdfium(pdf), None), (by_pdfminer(pdf), STACKED)):
        assert [words for words in strings if squeezed(words) not in text and words != lost] == []
    for text in (by_pdfium(pdf), as_it_lies(pdf)):
        assert [parts for parts in IN_ORDER if not is_in_order(text, parts)] == []
        assert "\ufffe" not in text
        assert not any("\ue000" <= letter <= "\uf8ff" for letter in text)


@pytest.mark.parametrize("template", LETTERS, ids=id_of)
async def test_every_string_of_a_letter_comes_back_from_its_address_to_its_name(
    template: Template, shown: Shown
) -> None:
    pdf = (await shown(template, LETTER)).files[0]
    recipient = SAMPLE_LETTER["recipient"]
    order = [recipient["name"], *recipient["address"], SAMPLE_LETTER["subject"], *SAMPLE_LETTER["paragraphs"]]
    for text in (by_pdfium(pdf), by_pdfminer(pdf)):
        assert [words for words in strings_of(SAMPLE_LETTER) if squeezed(words) not in text] == []
    for text in (by_pdfium(pdf), as_it_lies(pdf)):
        assert is_in_order(text, [*order, SAMPLE_LETTER["closing"], SAMPLE_LETTER["signature"]])


@pytest.mark.parametrize("template", RESUMES, ids=id_of)
async def test_an_arabic_resume_is_whole(
    engine: Engine, template: Template, document: Callable[[str], dict[str, Any]]
) -> None:
    content = document("arabic")
    text = by_pdfium(await engine.pdf(template, content, everything(template), language="ar", title="CV"))
    assert [words for words in strings_of(content) if squeezed(words) not in text] == []
    assert is_in_order(text, [content["work"][0]["position"], *content["work"][0]["highlights"]])


async def test_words_that_are_divided_are_found_as_they_were_written(engine: Engine) -> None:
    template = load_builtin()["modern", 2]
    long = "Donaudampfschifffahrtsgesellschaft Rechtsschutzversicherungsgesellschaften " * 8
    content = {"basics": {"name": "Ada", "summary": long.strip()}}
    pdf = await engine.pdf(template, content, {"hyphenate": True}, language="de", title="CV")
    text = extract_text(io.BytesIO(pdf))
    assert "\u00ad" in text  # the sign of a hyphen that nobody wrote
    assert squeezed(long) in squeezed(text.replace("\u00ad", ""))
    plain = await engine.pdf(template, content, {}, language="de", title="CV")
    assert "\u00ad" not in extract_text(io.BytesIO(plain))


@pytest.mark.parametrize(
    ("links", "seen", "unseen"),
    [
        ("written", ["https://www.ffoulkes.example/about/", "https://code.example/raffle"], []),
        ("short", ["ffoulkes.example/about", "code.example/raffle"], ["https://", "www."]),
        ("hidden", ["GitHub", "Website"], ["https://", "ffoulkes.example/about", "code.example"]),
    ],
)
@pytest.mark.parametrize("name", ["classic", "modern"])
async def test_links_lead_on_however_they_are_shown(
    engine: Engine,
    document: Callable[[str], dict[str, Any]],
    name: str,
    links: str,
    seen: list[str],
    unseen: list[str],
) -> None:
    pdf = await engine.pdf(load_builtin()[name, 2], document("rich"), {"links": links}, title="CV")
    text = by_pdfium(pdf)
    assert [words for words in seen if words not in text] == []
    assert [words for words in unseen if words in text] == []
    for target in (
        b"https://www.ffoulkes.example/about/",
        b"https://code.example/raffle",
        b"mailto:zoe@ffoulkes.example",
    ):
        assert b"/URI(" + target + b")" in pdf


def test_all_kit_2_templates_are_looked_at() -> None:
    assert {("classic", 2), ("modern", 2)} <= {(t.id, t.version) for t in RESUMES}
    assert Path(FOLDER / "kit/2/kit.typ").is_file()
