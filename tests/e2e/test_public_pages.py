"""The public pages of resumes: from the owner's link to the eyes, ears and paper of whoever opens it."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from common.testing.npm import installed
from tests.e2e.people import Person
from tests.e2e.stack import Stack, eventually

AXE = "axe-core@4.14.1"
PASSWORD = "between you and me"
SAMPLE = Path(__file__).parents[2] / "services/processor/src/processor/templates/kit/1/sample.json"
ARABIC = {
    "basics": {"name": "ليلى حداد", "label": "مهندسة برمجيات", "email": "layla@example.org", "summary": "أصمم أنظمة موثوقة."},
    "work": [{"name": "شركة النور", "position": "مهندسة أولى", "startDate": "2020-03", "highlights": ["خفض زمن النشر"]}],
    "skills": [{"name": "البرمجة", "level": "خبيرة", "keywords": ["Python", "Rust"]}],
}  # fmt: skip
LETTER = {
    "basics": {"name": "Jo", "label": "Analyst", "email": "jo@example.org"},
    "recipient": {"name": "Charles Babbage", "organization": "Royal Society", "address": "London"},
    "date": "2026-03-05",
    "subject": "Notes on the Engine",
    "salutation": "Dear Mr Babbage,",
    "paragraphs": ["I have translated the memoir.", "My notes are longer."],
    "closing": "Yours sincerely,",
    "enclosures": ["Diagram"],
}
LOOKS = [("en", "light"), ("en", "dark"), ("de", "light"), ("ar", "light"), ("ar", "dark")]


@pytest.fixture(scope="module")
def ada(stack: Stack) -> Person:
    return Person(stack)


@pytest.fixture(scope="module")
def axe() -> str:
    return (installed(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text()


def shared(
    person: Person, *, language: str = "en", document: Any = None, kind: str = "resume", **fields: Any
) -> dict[str, Any]:
    """A link to a new document."""
    content = document or (ARABIC if language == "ar" else json.loads(SAMPLE.read_text()))
    body = {"title": "For Acme", "kind": kind, "language": language, "content": content}
    resume = person.http.post("/api/v1/resumes", json=body)
    assert resume.status_code == 201, resume.text
    made = person.http.post(f"{resume.headers['location']}/shares", json=fields)
    assert made.status_code == 201, made.text
    return dict(made.json())


def faults(page: Page, axe: str, **options: Any) -> list[str]:
    """What axe calls moderate, serious or critical on a page."""
    page.evaluate(axe)
    found = page.evaluate("options => axe.run(document, {resultTypes: ['violations'], ...options})", options)
    return [
        f"{page.url}: {violation['id']}: {json.dumps([node['target'] for node in violation['nodes']])}"
        for violation in found["violations"]
        if violation["impact"] in {"moderate", "serious", "critical"}
    ]


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Page]:
    """A browser without JavaScript, which tells what its pages were refused."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
    yield page
    context.close()
    assert refused == []


def test_a_visitor_enters_the_password_reads_and_takes_the_pdf(
    stack: Stack, ada: Person, visitor: Page
) -> None:
    link = shared(ada, password=PASSWORD, allowDownload=True)
    visitor.goto(link["url"])
    expect(visitor.get_by_role("heading", level=1)).to_have_text("This resume asks for a password")
    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_role("button", name="Show the resume").click()
    assert visitor.url == link["url"]
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Mara Lindqvist")
    expect(visitor.get_by_role("heading", level=2).first).to_have_text("Profile")
    with visitor.expect_download(timeout=60_000) as download:
        # The page that says that it is prepared asks again by itself.
        visitor.get_by_role("link", name="Download PDF").click()
    assert download.value.suggested_filename == "Mara Lindqvist.pdf"
    document = pypdfium2.PdfDocument(download.value.path())
    assert "Norrspår" in document[0].get_textpage().get_text_range()
    ada.http.delete(f"/api/v1/shares/{link['id']}")
    visitor.goto(link["url"])
    expect(visitor.get_by_role("heading", level=1)).to_have_text("This link does not work")


def test_a_messenger_gets_a_picture_of_the_resume(stack: Stack, ada: Person) -> None:
    link = shared(ada)
    with httpx.Client(trust_env=False) as client:
        neutral = client.get(f"{link['url'].partition('/r/')[0]}/r/neutral.png").content

        def drawn() -> bytes | None:
            picture = client.get(f"{link['url']}/og.png").content
            return picture if picture != neutral else None

        for picture in (neutral, eventually(drawn, within=60)):
            image = Image.open(BytesIO(picture))
            assert (image.format, image.size) == ("PNG", (1200, 630))


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(
    stack: Stack, chromium: Browser, ada: Person, axe: str, language: str, scheme: Any, width: int
) -> None:
    links = [
        shared(ada, language=language, allowDownload=True),
        shared(ada, language=language, document={"basics": {"name": "Jo"}}),
        shared(ada, language=language, document=LETTER, kind="cover-letter", allowDownload=True),
        shared(ada, language=language, password=PASSWORD),
    ]
    context = chromium.new_context(
        locale=language,
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
        bypass_csp=True,  # the page's own policy would not let axe in
    )
    page = context.new_page()
    found = []
    for address in (*(link["url"] for link in links), f"{links[0]['url']}x"):
        page.goto(address)
        found += faults(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    # A refresh is no fault of a page that does nothing but wait, and has a link for those who would rather press it.
    page.goto(f"{links[0]['url']}/resume.pdf")
    found += faults(page, axe, rules={"meta-refresh": {"enabled": False}})
    context.close()
    assert found == []


def test_the_keyboard_and_paper_are_enough(stack: Stack, chromium: Browser, ada: Person) -> None:
    link = shared(ada, allowDownload=True)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link["url"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Download PDF")).to_be_focused()
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Download PDF")).to_be_hidden()
    printed = pypdfium2.PdfDocument(page.pdf(format="A4"))
    words = "".join(printed[n].get_textpage().get_text_range() for n in range(len(printed)))
    assert "Mara Lindqvist" in words
    assert "Download" not in words
    context.close()
