"""Where in a resume words were found."""

from typing import Any

import httpx
import pytest

Make = Any
Search = Any


def marked(match: Any) -> str:
    """The excerpt with brackets around what was found."""
    text = match["text"]
    for found in reversed(match["ranges"]):
        text = f"{text[: found['start']]}[{text[found['start'] : found['end']]}]{text[found['end'] :]}"
    return str(text)


@pytest.mark.parametrize(
    ("said", "q", "shown"),
    [
        ("Wrote the first program", "first PROG", "Wrote the [first] [program]"),
        ("Wrote the first program", '"the first"', "Wrote [the first] program"),
        ("Café e\u0301cole NAÏVE", "ecole naive", "Café [e\u0301cole] [NAÏVE]"),
        ("東京大学附属", "京大", "東[京大]学附属"),
        ("C++ and C, not C#", '"c++"', "[C++] and C, not C#"),
        ("ﬁnd the oﬃce", "find off", "[ﬁnd] the [oﬃce]"),
        ("👩🏽‍💻 writes code 👩🏽‍💻", "code", "👩🏽‍💻 writes [code] 👩🏽‍💻"),
        ("<b>bold</b> & <script>", "bold", "<b>[bold]</b> & <script>"),
        ("one two one two one", '"one two"', "[one two] [one two] one"),
        ("مرحبا بالعالم", "بالعالم", "مرحبا [بالعالم]"),
    ],
)
async def test_what_was_found_is_marked_in_plain_text(
    make_resume: Make, search: Search, said: str, q: str, shown: str
) -> None:
    await make_resume(title="Resume", content={"work": [{"summary": said}]})
    (found,) = await search(q)
    assert [marked(match) for match in found["matches"]] == [shown]


async def test_matches_say_whose_text_they_are(
    client: httpx.AsyncClient, owner: dict[str, str], make_resume: Make, search: Search
) -> None:
    content = {"basics": {"label": "engine one"}, "work": [{"name": "engine two"}], "note": "engine three"}
    path = await make_resume(title="No match", content=content)
    (section,) = (await client.get(f"{path}/sections", headers=owner)).json()["items"]
    (item,) = (await client.get(f"{path}/sections/{section['id']}/items", headers=owner)).json()["items"]
    (found,) = await search("engine")
    by_field = {match["field"]: match for match in found["matches"]}
    assert sorted(by_field) == ["basics", "extra", "item"]
    assert (by_field["item"]["sectionId"], by_field["item"]["itemId"]) == (section["id"], item["id"])
    assert (by_field["basics"]["sectionId"], by_field["basics"]["itemId"]) == (None, None)
    await client.patch(f"{path}/sections/{section['id']}", json={"title": "Looms"}, headers=owner)
    ((match,),) = [found["matches"] for found in await search("looms")]
    assert (match["field"], match["sectionId"], match["itemId"]) == ("section", section["id"], None)


async def test_there_are_three_at_most_and_the_title_comes_first(make_resume: Make, search: Search) -> None:
    await make_resume(title="My engine", content={"work": [f"engine {number}" for number in range(9)]})
    (found,) = await search("engine")
    assert [match["field"] for match in found["matches"]] == ["title", "item", "item"]
    assert marked(found["matches"][0]) == "My [engine]"


async def test_of_a_long_text_the_part_around_the_words_is_shown(make_resume: Make, search: Search) -> None:
    said = " ".join(f"before{n}" for n in range(400)) + " the needle here " + "after " * 400
    await make_resume(title="Long", content={"work": [{"summary": said}], "basics": {"x": "y" * 5000}})
    (found,) = await search("needle")
    (match,) = found["matches"]
    assert "the [needle] here after" in marked(match)
    assert len(match["text"]) <= 200
    (found,) = await search('"before200 before201 before202"')
    assert "[before200 before201 before202]" in marked(found["matches"][0])


async def test_a_file_in_the_document_is_no_text(make_resume: Make, search: Search) -> None:
    image = "data:image/png;base64," + "QUJD" * 1000
    await make_resume(title="Pictured", content={"basics": {"image": image, "name": "Ada"}})
    assert await search("QUJDQUJD") == []
    assert len(await search("ada")) == 1
