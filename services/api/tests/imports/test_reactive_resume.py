"""Documents written after the schemas of Reactive Resume 4 and 5, each field of them with words of its own."""

from typing import Any

from imports.conftest import Import, as_json, document, lost

TOLD = (
    "$.sections.*.items[*].visible",
    "$.sections.*.items[*].hidden",
    "$.sections.*.visible",
    "$.sections.*.hidden",
    "$.sections.custom.cus1.visible",
    "$.sections.custom.cus1.items[*].visible",
    "$.customSections[*].hidden",
    "$.customSections[*].items[*].hidden",
    "$.customSections[*].type",
    "$.customSections[*].columns",
    "$.basics.picture.effects.hidden",
    "$.picture.hidden",
    "$.summary.hidden",
    "$.sections.*.columns",
    "$.sections.custom.cus1.columns",
    "$.sections.*.id",
    "$.metadata.layout",
    "$.metadata.page.format",
)
SAME = {
    "November 2016": ["2016-11"],
    "1930 - 1934": ["1930", "1934"],
    "Jan 1950 to Present": ["1950-01"],
    "June 1944 - August 1949": ["1944-06", "1949-08"],
    "May 2, 1952": ["1952-05-02"],
    "1955 – 1959": ["1955", "1959"],  # noqa: RUF001
    "Dec 1842 - Sep 1843": ["1842-12", "1843-09"],
    "January 1843 – present": ["1843-01"],  # noqa: RUF001
    "10 May 1833": ["1833-05-10"],
    "Aug 1843": ["1843-08"],
    "1836 to 1840": ["1836", "1840"],
    "1838 - 1840": ["1838", "1840"],
}


async def test_version_4_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    made = await import_file(document("reactive-resume-v4.json"), format="reactive-resume")
    outcome = await read_back(made)
    assert (
        lost(as_json("reactive-resume-v4.json"), [outcome, made], made["warnings"], told=TOLD, same=SAME)
        == []
    )
    content, rows = outcome["content"], outcome["rows"]
    assert content["basics"]["location"] == {"address": "Arlington, Virginia"}
    assert content["basics"]["summary"] == (
        "Made compilers thinkable.\n\nSee COBOL (https://cobol.example.org) & others."
    )
    assert content["basics"]["Citizenship"] == "American"
    assert content["work"][0] == {
        "name": "Remington Rand",
        "position": "Director of automatic programming",
        "location": "Philadelphia",
        "startDate": "1950-01",
        "url": "https://rand.example.org",
        "summary": "Led the group.",
        "highlights": ["Wrote the A-0 system", "Argued for English words\nin programs"],
    }
    assert content["work"][1]["summary"] == "• Mark I manual\n\nAnd the moth."
    assert content["skills"][0] == {
        "name": "Teaching",
        "level": "Masterly",
        "keywords": ["Nanoseconds", "Wires"],
        "rating": 5,
    }
    assert content["meta"] == {"notes": "Ask Howard before sending"}
    assert outcome["pageSize"] == "us-letter"
    assert rows["awards"]["columns"] == 2
    assert rows["awards"]["title"] == "Honours"


async def test_what_is_hidden_stays_hidden(import_file: Import, read_back: Import) -> None:
    four = await read_back(await import_file(document("reactive-resume-v4.json")))
    assert four["rows"]["work"]["items"] == [True, False]
    assert four["rows"]["education"]["items"] == [True, False]
    assert four["rows"]["volunteer"]["visible"] is False
    assert [profile["network"] for profile in four["content"]["basics"]["profiles"]] == ["Mastodon"]
    assert four["rows"]["profiles"]["items"] == [False]
    five = await read_back(await import_file(document("reactive-resume-v5.json")))
    assert five["rows"]["skills"]["items"] == [False]
    assert five["rows"]["certificates"]["visible"] is False
    assert "summary" not in five["content"]["basics"]
    assert five["rows"]["summary"]["visible"] is False
    assert five["content"]["summary"] == [{"text": "Poetical science.\n\n• Numbers\n• Notes"}]


async def test_sections_stand_as_the_layout_has_them(import_file: Import, read_back: Import) -> None:
    rows = (await read_back(await import_file(document("reactive-resume-v4.json"))))["rows"]
    assert list(rows)[:5] == ["work", "education", "projects", "skills", "languages"]
    assert [name for name, row in rows.items() if row["breaks"]] == ["ships-names"]
    assert rows["ships-names"]["title"] == "Ships & Names"


async def test_version_5_is_imported_without_loss(import_file: Import, read_back: Import) -> None:
    made = await import_file(document("reactive-resume-v5.json"), format="reactive-resume")
    outcome = await read_back(made)
    assert (
        lost(as_json("reactive-resume-v5.json"), [outcome, made], made["warnings"], told=TOLD, same=SAME)
        == []
    )
    assert made["resume"]["language"] == "en-GB"
    content, rows = outcome["content"], outcome["rows"]
    assert [entry["position"] for entry in content["work"]] == ["Programmer", "Translator", "Annotator"]
    assert {entry["name"] for entry in content["work"]} == {"Analytical Engine Works"}
    assert content["work"][0]["highlights"] == ["Note G\n  - Bernoulli numbers"]
    assert content["work"][2]["startDate"] == "1843-01"
    assert "endDate" not in content["work"][2]
    assert rows["court-society"]["kind"] == "work"
    assert rows["court-society"]["title"] == "Court & Society"
    assert content["basics"]["customFields"] == ["Born 1815 (https://calendar.example.org)", "Countess"]


async def test_dates_that_are_not_certain_are_kept_as_written(import_file: Import, read_back: Import) -> None:
    made = await import_file(document("reactive-resume-v5.json"))
    content = (await read_back(made))["content"]
    assert content["education"][0]["date"] == "2 seasons"
    assert "startDate" not in content["education"][0]
    [warning] = [w for w in made["warnings"] if w["path"] == "$.sections.education.items[0].period"]
    assert "as it was written" in warning["message"]
    assert content["volunteer"][0] | {"startDate": "1836", "endDate": "1840"} == content["volunteer"][0]


async def test_what_has_no_place_is_named_with_its_path(import_file: Import) -> None:
    made = await import_file(document("reactive-resume-v4.json"))
    named: dict[str, Any] = {warning["path"]: warning["message"] for warning in made["warnings"]}
    assert named["$.metadata.theme"] == "Not imported: 3 values, such as #fffff0"
    assert named["$.metadata.template"] == "Not imported: glalie"
    assert named["$.sections.*.items[*].id"].startswith("Not imported: 1")
    assert "$.basics.picture.size" in named
