"""The page of a link's comments: a form without JavaScript, safe from others' pages, in words of the resume."""

import re
from typing import Any

import httpx
import pytest

from api.comments import service
from common.testing.catalogues import placeholders
from common.testing.issuer import Issuer

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


class Page:
    """The page as a browser uses it."""

    def __init__(self, link: Any, issuer: Issuer) -> None:
        self.client, self.address = link.client, f"/r/{link.share['slug']}/comments"
        self.headers = BROWSER | {"Origin": issuer.url, "Sec-Fetch-Site": "same-origin"}

    async def show(self, **options: Any) -> str:
        answer = await self.client.get(self.address, headers=BROWSER | options.pop("headers", {}), **options)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    async def send(self, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        data = {"about": "resume", "name": "Charles", "text": "Good."} | form
        sent: httpx.Response = await self.client.post(
            self.address, data=data, headers=self.headers | (headers or {})
        )
        return sent


@pytest.fixture
def page(link: Any, issuer: Issuer) -> Page:
    return Page(link, issuer)


async def test_a_comment_is_sent_by_a_plain_form_and_acknowledged(link: Any, page: Page) -> None:
    before = await page.show()
    assert "<script" not in before
    assert '<label for="text-new">' in before
    answer = await page.send(text="One.\r\nTwo.")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith(f"{page.address}?sent=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    name, value = cookie.split(";")[0].split("=", 1)
    after = await page.client.get(location, headers=BROWSER | {"Cookie": f"{name}={value}"})
    assert 'role="status"' in after.text
    assert "One.<br>Two." in after.text
    assert "(you)" in after.text
    assert 'name="name"' not in after.text, "known by now"
    [found] = await link.list()
    assert (found["text"], found["author"]["name"], found["anchor"]["target"]) == (
        "One.\nTwo.",
        "Charles",
        "resume",
    )


async def test_it_is_about_what_is_chosen_and_the_choices_are_the_resumes_own_words(
    link: Any, page: Page
) -> None:
    item = (await link.of.ids())[0]
    html = await page.show()
    assert f'<option value="item:{item}">Programmer, Analytical Engine</option>' in html
    assert '<optgroup label="Experience">' in html
    assert (await page.send(about=f"item:{item}")).status_code == 303
    assert (await page.send(about=f"section:{await link.of.section('work')}")).status_code == 303
    assert (await page.send(about="basics")).status_code == 303
    found = await link.list()
    assert [thread["anchor"]["target"] for thread in found] == ["basics", "section", "item"]
    assert found[2]["anchor"]["itemId"] == item


async def test_a_reply_is_sent_from_its_thread(link: Any, page: Page) -> None:
    made, _ = await link.say("First?")
    assert (await page.send(thread=made["id"], text="Second.")).status_code == 303
    [thread] = await link.list()
    assert [reply["text"] for reply in thread["replies"]] == ["Second."]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_form_of_another_page_is_refused(link: Any, page: Page, headers: dict[str, str]) -> None:
    """SECURITY 14."""
    assert (await page.send(headers)).status_code == 403
    del page.headers["Origin"]
    assert (await page.send()).status_code == 403
    assert await link.list() == []


async def test_a_cookie_counts_for_no_change_that_anothers_page_asks_for(link: Any, page: Page) -> None:
    """SECURITY 14."""
    sent = await page.send()
    cookie = {"Cookie": sent.headers["set-cookie"].split(";")[0]}
    [made] = await link.list(cookie)
    assert made["author"]["isYou"]
    path = f"{link.path}/{made['id']}"
    for origin in ({}, {"Origin": "https://evil.example"}):
        assert (await link.client.delete(path, headers=cookie | origin)).status_code == 403
    assert (await link.client.delete(path, headers=cookie | page.headers)).status_code == 204


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"text": "  "}, "Please write something."),
        ({"name": " "}, "Please say who you are."),
        ({"about": "item:01890a5d-ac96-774b-bcce-b302099a8057"}, "not shown any more"),
        ({"about": "nonsense"}, "not shown any more"),
        ({"thread": "nonsense"}, "not shown any more"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_written_is_kept(
    link: Any, page: Page, form: dict[str, str], words: str
) -> None:
    answer = await page.send(**{"text": "My long words."} | form)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'role="alert"' in answer.text
    if "text" not in form and "thread" not in form:
        assert "My long words." in answer.text
    assert await link.list() == []


async def test_what_people_write_is_text_on_the_page(link: Any, page: Page) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    await link.say(evil, name=evil[:80])
    html = await page.show()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


async def test_the_page_is_personal_and_found_by_nobody(link: Any, page: Page) -> None:
    answer = await page.client.get(page.address, headers=BROWSER)
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "strict-origin", "or the form would come without an origin"


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Dein Kommentar"), ("es", "Tu comentario"), ("ar", "تعليقك")]
)
async def test_the_page_speaks_the_language_of_its_reader(page: Page, language: str, words: str) -> None:
    html = await page.show(headers={"Accept-Language": language})
    assert words in html
    assert f'lang="{language}"' in html
    assert ('dir="rtl"' in html) == (language == "ar")
    assert not placeholders(html)


async def test_the_resume_leads_to_its_comments_where_the_link_takes_them(link: Any, page: Page) -> None:
    shown = await link.client.get(f"/r/{link.share['slug']}", headers=BROWSER)
    assert f'href="{page.address}"' in shown.text
    await link.change(allowComments=False)
    shown = await link.client.get(f"/r/{link.share['slug']}", headers=BROWSER)
    assert page.address not in shown.text
    assert (await page.client.get(page.address, headers=BROWSER)).status_code == 404
    assert (await page.send()).status_code == 404


async def test_a_link_that_ended_has_no_such_page(link: Any, page: Page) -> None:
    await link.revoke()
    gone = await page.client.get(page.address, headers=BROWSER)
    assert gone.status_code == 404
    assert re.search(r"<h1>\s*This link does not work", gone.text)
    assert (await page.send()).status_code == 404


async def test_who_does_not_know_the_password_is_asked_for_it(reviewed: Any, issuer: Issuer) -> None:
    link = await reviewed.share(password="a long and secret one")
    page = Page(link, issuer)
    for answer in (await page.client.get(page.address, headers=BROWSER), await page.send()):
        assert (answer.status_code, answer.headers["location"]) == (303, f"/r/{link.share['slug']}")


async def test_a_full_link_says_so_on_its_page(
    link: Any, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OF_LINK", 0)
    answer = await page.send()
    assert answer.status_code == 422
    assert "as many comments as there may be" in answer.text


async def test_the_form_names_no_section_that_shows_nothing(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Any
) -> None:
    content = {"experience": [], "work": [{"name": "Engine"}], "skills": [{"name": "Hidden"}]}
    path = await make_resume(content=content)
    sections = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    [skills] = [section for section in sections if section["name"] == "skills"]
    [item] = (await client.get(f"{path}/sections/{skills['id']}/items", headers=owner)).json()["items"]
    hidden = await client.patch(f"{path}/items/{item['id']}", json={"visible": False}, headers=owner)
    assert hidden.status_code == 200, hidden.text
    share = (await client.post(f"{path}/shares", json={"allowComments": True}, headers=owner)).json()
    page = (await client.get(f"/r/{share['slug']}/comments", headers=BROWSER)).text
    assert re.findall(r'<optgroup label="([^"]*)"', page) == ["Experience"]
    assert page.count("All of “Experience”") == 1
