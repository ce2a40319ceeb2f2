"""What is longer than a page is broken over pages, whatever field it is in; what still runs over one is told."""

import re
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
from processor_standins.engine import Engine

from common.contracts.documents import RenderWarning
from common.contracts.versions import SectionStyle
from processor.outlines.resume import read_resume
from processor.rendering import Template, load_builtin
from processor.rendering.documents import LETTER, RESUME
from processor.rendering.edges import may_overflow
from processor.rendering.given import FOLDER, Given
from processor.rendering.samples import NAMES, read

BUILTIN = load_builtin()
KIT_2 = [template for template in BUILTIN.values() if template.engine == "typst" and template.kit == 2]
MOST = 500
"""Words of eleven letters: more than any page holds in one column."""
FOOT = 38.0
"""Points above the edge of the paper: no text but that of the foot stands lower."""
HEAD = {"name": "Ada", "email": "ada@mail.example"}
RESUMES: dict[str, dict[str, dict[str, str]]] = {
    "titles": {
        "work": {"position": "text"},
        "education": {"area": "text"},
        "publications": {"name": "text"},
        "awards": {"title": "text"},
        "projects": {"name": "text"},
        "references": {"name": "text"},
        "skills": {"name": "text"},
        "languages": {"language": "text"},
        "interests": {"name": "text"},
    },
    "beside titles": {
        "work": {"position": "Cook", "name": "text"},
        "education": {"area": "Art", "institution": "text"},
        "publications": {"name": "Book", "publisher": "text"},
        "awards": {"title": "Prize", "awarder": "text"},
        "projects": {"name": "Loop", "roles": "list"},
        "references": {"name": "Marvin", "reference": "text"},
        "skills": {"name": "Tools", "keywords": "list"},
        "languages": {"language": "Swedish", "fluency": "text"},
        "interests": {"name": "Maps", "keywords": "text"},
    },
    "all else": {
        "basics": {**HEAD, "label": "text", "phone": "text", "pronouns": "text"},
        "work": {"location": "text", "highlights": "list"},
        "education": {"area": "Art", "startDate": "text", "courses": "list"},
        "publications": {"name": "Book", "authors": "text", "summary": "text"},
        "references": {"name": "Marvin", "odd": "text"},
        "skills": {"name": "Tools", "odd": "text"},
        "text": {"name": "Else", "note": "text", "summary": "There."},
    },
}
LETTERS: dict[str, dict[str, str]] = {
    "above": {"recipient": "list", "subject": "text", "salutation": "text"},
    "below": {"date": "text", "body": "text", "closing": "text", "enclosed": "text"},
}


def words_for(place: int) -> list[str]:
    return [f"{chr(ord('a') + place)}{number:03}longest" for number in range(MOST)]


def filled(fields: Mapping[str, str], first: int) -> dict[str, Any]:
    """The fields with so many words in each that is to have a `text` or a `list` of them."""
    how = {"text": " ".join, "list": list}
    return {
        name: how[value](words_for(first + place)) if value in how else value
        for place, (name, value) in enumerate(fields.items())
    }


def resume(sections: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, Any], set[str]]:
    """A resume and the long words that are in it; a section called `text` has its title made of them too."""
    content: dict[str, Any] = {"basics": HEAD}
    first = 0
    for member, fields in sections.items():
        made = filled(fields, first)
        first += len(fields)
        name = member
        if name == "text":
            name, first = " ".join(words_for(first)), first + 1
        content[name] = made if name == "basics" else [made, {"name": "Other", "summary": "One more."}]
    return content, long_words(msgspec.json.encode(content).decode())


def long_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]\d{3}longest", text.lower()))


def read_pages(pdf: bytes) -> list[str]:
    """The text of each page that is on the paper and above the foot."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [
            page.get_textpage().get_text_bounded(0, FOOT, page.get_width(), page.get_height())
            for page in opened
        ]


def check(pdf: bytes, warnings: list[RenderWarning], wanted: set[str]) -> None:
    pages = read_pages(pdf)
    assert sorted(wanted - long_words("\n".join(pages)))[:5] == []
    assert [number for number, page in enumerate(pages[:-1], start=1) if len(long_words(page)) < 9] == []
    found = {(warning.code, warning.page) for warning in warnings}
    assert found <= {("page_nearly_empty", len(pages)), ("does_not_fit", None)}


def id_of(template: Template) -> str:
    return f"{template.id}-{template.version}"


@pytest.mark.parametrize("fields", RESUMES)
@pytest.mark.parametrize("template", [t for t in KIT_2 if RESUME in t.kinds], ids=id_of)
async def test_every_word_of_a_field_longer_than_a_page_is_on_paper(
    engine: Engine, template: Template, fields: str
) -> None:
    content, wanted = resume(RESUMES[fields])
    made = await engine.made(template, content, {"order": ["*"]})
    check(made.files[0], made.warnings, wanted)


@pytest.mark.parametrize("fields", LETTERS)
@pytest.mark.parametrize("template", [t for t in KIT_2 if LETTER in t.kinds], ids=id_of)
async def test_every_word_of_a_letter_is_on_paper(engine: Engine, template: Template, fields: str) -> None:
    content = {"basics": HEAD, "closing": "Yours,"} | filled(LETTERS[fields], 0)
    made = await engine.made(template, content, {}, kind=LETTER)
    check(made.files[0], made.warnings, long_words(msgspec.json.encode(content).decode()))


@pytest.mark.parametrize(
    "template", [t for t in KIT_2 if t.id in {"classic", "compact", "sidebar"}], ids=id_of
)
async def test_columns_beside_each_other_go_on_over_pages(engine: Engine, template: Template) -> None:
    content, wanted = resume({"work": {"position": "text"}, "references": {"name": "M", "reference": "text"}})
    styles = [SectionStyle(name=name, kind=name, columns=3) for name in ("work", "references")]
    made = await engine.made(template, content, {}, sections=styles)
    check(made.files[0], made.warnings, wanted)


@pytest.mark.parametrize("word", ["well-known{}", "Donaudampfschifffahrtsgesellschaft{}", "{} km"])
@pytest.mark.parametrize("template", ["classic", "academic", "sidebar"])
async def test_no_paragraph_has_too_many_words_that_are_looked_at(
    engine: Engine, template: str, word: str
) -> None:
    """The engine holds 512 of those in one text, and then gives up."""
    words = [word.format(number) for number in range(700)]
    content = {"basics": HEAD, "work": [{"name": "Loop", "highlights": [" ".join(words)]}]}
    newest = max((name, version) for name, version in BUILTIN if name == template)
    shown = "".join("".join(read_pages(await engine.pdf(BUILTIN[newest], content, {}))).split())
    assert [one for one in words if one.replace(" ", "") not in shown] == []


async def test_a_side_column_of_many_keywords_goes_on_over_pages(engine: Engine) -> None:
    keywords = [f"alpha skill {number:03}" for number in range(150)]
    content = {
        "basics": {"name": "A"},
        "work": [{"name": "O"}],
        "skills": [{"name": "S", "keywords": keywords}],
    }
    made = await engine.made(BUILTIN["sidebar", 1], content, {})
    first, second = (" ".join(page.split()) for page in read_pages(made.files[0]))
    assert [word for word in keywords if word not in f"{first} {second}"] == []
    assert "alpha skill 100" in first
    assert "alpha skill 149" in second
    assert made.warnings == []


async def test_academic_says_where_a_job_without_a_title_was(engine: Engine) -> None:
    content = {"basics": HEAD, "work": [{"location": "Uppsala"}]}
    assert "Uppsala" in read_pages(await engine.pdf(BUILTIN["academic", 1], content, {}))[0]


# --- Warnings -----------------------------------------------------------------------------------------------------------


async def test_a_published_template_that_prints_over_its_foot_says_so(engine: Engine) -> None:
    content, wanted = resume({"work": {"position": "text"}})
    made = await engine.made(BUILTIN["classic", 1], content, {})
    assert wanted - long_words("".join(read_pages(made.files[0])))
    overflow, empty, *_ = made.warnings
    assert (overflow.code, overflow.page) == ("text_overflows", 3)
    assert overflow.message == "This text is longer than its page and runs over the foot of it."
    assert long_words(overflow.text or "")
    assert (empty.code, empty.page) == ("page_nearly_empty", 1)


async def test_what_covers_the_number_of_its_page_is_told(engine: Engine, tmp_path: Path) -> None:
    source = (
        '#import "/kit/2/kit.typ": *\n#show: document-setup.with(margin: 2cm, room: 17cm)\n#pagebreak()\n'
    )
    (tmp_path / "main.typ").write_text(source + "#place(top, outline-data.headline)\n")
    files = {"resume": "main.typ"}
    classic = BUILTIN["classic", 2]
    template = msgspec.structs.replace(classic, id="tall", folder=tmp_path, files=files, kinds=(RESUME,))
    usual = {"basics": {"name": "Ada", "label": "Cook"}}
    assert not {"text_overflows"} & {w.code for w in (await engine.made(template, usual, {})).warnings}
    long = {"basics": {"name": "Ada", "label": "all that can be said of it " * 400}}
    made = await engine.made(template, long, {})
    overflow, empty, *_ = made.warnings
    assert (overflow.code, overflow.page) == ("text_overflows", 2)
    assert (empty.code, empty.page) == ("page_nearly_empty", 1)


@pytest.mark.parametrize("size", [8, 10, 12])
def test_usual_documents_are_not_looked_at_for_it(size: float) -> None:
    for name in NAMES:
        outline = read_resume(read(name).content, language="en", title="")
        assert not may_overflow(msgspec.json.encode({"longest": outline.longest}).decode(), size), name


# --- What is given to the engine ----------------------------------------------------------------------------------------


@contextmanager
def little_disk(size: int) -> Iterator[None]:
    """No file can be written beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_nothing_of_a_document_stays_after_half_of_it_was_written(tmp_path: Path) -> None:
    given = Given(tmp_path)
    given.take_away()
    with little_disk(100), pytest.raises(OSError, match="too large"):
        given.give({"outline": '{"name": "' + "Secret " * 100 + '"}'})
    given.take_away()
    assert (tmp_path / FOLDER / "outline").read_text() == "{}"
