"""Resumes in several languages, and how they stand to each other."""

import asyncio
from time import process_time
from typing import Any

CONTENT = {
    "basics": {"name": "Ada", "label": "Analyst"},
    "work": [{"name": "Analytical Engines"}, {"name": "Difference Engines"}],
    "skills": [{"name": "Bernoulli numbers"}],
}


async def test_a_variant_says_the_same_and_is_yet_to_be_translated(families: Any) -> None:
    content = CONTENT | {"meta": {"unknown": [1.0, "x"]}}
    primary = await families.resume(content)
    made = await families.call("POST", f"{primary}/variants", {"language": "de", "title": "Ada auf Deutsch"})
    assert made.status_code == 201
    german = made.headers["location"]
    assert (made.json()["language"], made.json()["title"]) == ("de", "Ada auf Deutsch")
    assert await families.content(german) == content
    assert await families.states(german) == {
        "basics": ["untranslated"],
        "work": ["untranslated", "untranslated"],
        "skills": ["untranslated"],
    }
    found = await families.summary(german)
    assert (found["isPrimary"], found["untranslated"], found["present"]) == (False, 4, 0)
    found = await families.summary(primary)
    assert (found["isPrimary"], found["present"], found["orderDiffers"]) == (True, 4, False)


async def test_a_variant_is_titled_with_the_name_of_its_language(families: Any) -> None:
    primary = await families.resume(title="Ada", language="en")
    german = await families.variant(primary, "de")
    assert (await families.summary(german))["title"] == "Ada (Deutsch)"
    chinese = await families.variant(german, "zh-hant")
    assert (await families.summary(chinese))["title"] == "Ada (中文 (繁體))"
    unknown = await families.variant(chinese, "de-x-mine")
    assert (await families.summary(unknown))["title"] == "Ada (de-x-mine)"
    assert (await families.summary(primary))["title"] == "Ada"
    long = await families.resume(title="x" * 200)
    title = (await families.summary(await families.variant(long, "fr")))["title"]
    assert (title, len(title)) == ("x" * 189 + " (français)", 200)


async def test_a_translated_item_is_present_until_the_primarys_changes(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    await families.put(german, work=[{"name": "Analytische Maschinen"}, {"name": "Difference Engines"}])
    assert (await families.states(german))["work"] == ["present", "untranslated"]
    await families.put(primary, work=[{"name": "Engines"}, {"name": "Difference Engines", "url": "u"}])
    assert (await families.states(german))["work"] == ["outdated", "untranslated"]
    await families.put(german, work=[{"name": "Maschinen"}, {"name": "Difference Engines"}])
    assert (await families.states(german))["work"] == ["present", "untranslated"]


async def test_a_change_back_is_no_change(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    await families.put(german, skills=[{"name": "Bernoulli-Zahlen"}])
    await families.put(primary, skills=[{"name": "Other"}])
    assert (await families.states(german))["skills"] == ["outdated"]
    await families.put(primary, skills=CONTENT["skills"])
    assert (await families.states(german))["skills"] == ["present"]


async def test_a_move_is_no_translation(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    await families.put(german, work=CONTENT["work"][::-1])
    assert (await families.states(german))["work"] == ["untranslated", "untranslated"]
    assert (await families.summary(german))["orderDiffers"] is True
    rows = next(s for s in (await families.family(german))["sections"] if s["cells"][0]["label"] == "work")[
        "items"
    ]
    assert [row["cells"][1]["moved"] for row in rows].count(True) == 1


async def test_basics_are_followed_like_an_item(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    await families.put(german, basics={"name": "Ada", "label": "Analystin"})
    assert (await families.states(german))["basics"] == ["present"]
    await families.put(primary, basics={"name": "Ada", "label": "Countess"})
    assert (await families.states(german))["basics"] == ["outdated"]
    await families.made("POST", f"{german}/family/confirm", {"basics": True})
    assert (await families.states(german))["basics"] == ["present"]


async def test_what_is_missing_and_what_is_extra_is_told(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    await families.put(primary, awards=[{"title": "Medal"}], work=[*CONTENT["work"], {"name": "New"}])
    await families.put(german, skills=[], references=[{"name": "Charles"}])
    states = await families.states(german)
    assert states["work"] == ["untranslated", "untranslated", "missing"]
    assert (states["awards"], states["skills"], states["references"]) == (["missing"], ["missing"], ["extra"])
    summary = await families.summary(german)
    assert [summary[name] for name in ("missing", "extra", "untranslated")] == [3, 1, 3]
    sections = {s["cells"][0]["label"]: s for s in (await families.family(german))["sections"]}
    assert [cell["state"] for cell in sections["awards"]["cells"]] == ["present", "missing"]
    assert [cell["state"] for cell in sections["references"]["cells"]] == ["extra"]
    assert sections["awards"]["items"][0]["cells"][0]["label"] == "Medal"


async def test_confirming_marks_items_and_changes_no_word(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    before = (await families.made("GET", german))["version"]
    work = next(s for s in (await families.family(german))["sections"] if s["cells"][0]["label"] == "work")
    item = work["items"][1]["cells"][1]["id"]
    await families.made("POST", f"{german}/family/confirm", {"itemIds": [item]})
    assert (await families.states(german))["work"] == ["untranslated", "present"]
    await families.made("POST", f"{german}/family/confirm")
    assert (await families.summary(german))["present"] == 4
    assert (await families.made("GET", german))["version"] == before
    refused = await families.call("POST", f"{primary}/family/confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "IS_PRIMARY")


async def test_a_family_has_each_language_once(families: Any) -> None:
    primary = await families.resume(language="en")
    german = await families.variant(primary, "pt-BR")
    for path, language in ((primary, "en"), (primary, "pt-br"), (german, "en"), (german, "PT-BR")):
        refused = await families.call("POST", f"{path}/variants", {"language": language})
        assert (refused.status_code, refused.json()["code"]) == (409, "VARIANT_EXISTS")
    assert len((await families.family(primary))["variants"]) == 2


async def test_no_variant_changes_to_a_language_that_is_there(families: Any) -> None:
    primary = await families.resume(language="en")
    german = await families.variant(primary, "de")
    refused = await families.call("PATCH", german, {"language": "EN"})
    assert (refused.status_code, refused.json()["code"]) == (409, "VARIANT_EXISTS")
    assert (await families.call("PATCH", german, {"language": "de-AT"})).status_code == 200
    assert (await families.call("PATCH", german, {"language": "de-AT", "title": "B"})).status_code == 200


async def test_of_requests_at_once_one_makes_the_variant(families: Any) -> None:
    primary = await families.resume()
    answers = await asyncio.gather(
        *(families.call("POST", f"{primary}/variants", {"language": "de"}) for _ in range(4))
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]


async def test_a_third_language_can_be_made_from_the_second(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    await families.put(german, work=[{"name": "A"}, {"name": "B"}, {"name": "German only"}])
    french = await families.variant(german, "fr")
    assert (await families.content(french))["work"][0] == {"name": "A"}
    assert (await families.states(french))["work"] == ["untranslated", "untranslated", "extra"]
    assert [v["isPrimary"] for v in (await families.family(french))["variants"]] == [True, False, False]


async def test_a_variant_looks_like_its_source(families: Any) -> None:
    primary = await families.resume()
    await families.made("PATCH", primary, {"template": "modern"})
    source = await families.made("GET", primary)
    copy = await families.made("GET", await families.variant(primary, "de"))
    for name in ("template", "settings"):
        assert copy[name] == source[name]
    other = await families.made("GET", await families.variant(primary, "fr", template="classic"))
    assert other["template"]["id"] == "classic"


async def test_without_variants_there_is_no_family(families: Any) -> None:
    primary = await families.resume()
    for method, path in (("GET", "family"), ("DELETE", "family"), ("PUT", "family/primary")):
        answer = await families.call(method, f"{primary}/{path}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "The resume has no language variants"


async def test_a_family_is_bounded(families: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("api.families.service.MOST", 2)
    primary = await families.resume()
    await families.variant(primary, "de")
    refused = await families.call("POST", f"{primary}/variants", {"language": "fr"})
    assert (refused.status_code, refused.json()["code"]) == (409, "FAMILY_FULL")


async def test_the_same_key_makes_one_variant(families: Any) -> None:
    primary = await families.resume()
    first, again = [
        await families.call("POST", f"{primary}/variants", {"language": "de"}, idempotency_key="k")
        for _ in range(2)
    ]
    assert first.json()["id"] == again.json()["id"]
    assert first.headers["location"] == again.headers["location"]


async def part_ids(families: Any, path: str) -> dict[str, str]:
    """The ids of the items of the resume at `path`, by their labels."""
    family, own = await families.family(path), path.rsplit("/", 1)[1]
    cells = [cell for section in family["sections"] for row in section["items"] for cell in row["cells"]]
    return {cell["label"]: cell["id"] for cell in cells if cell["resumeId"] == own and cell["id"]}


async def test_an_edit_of_one_item_is_a_translation_and_hiding_it_is_none(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    known = await part_ids(families, german)
    engine = f"{german}/items/{known['Analytical Engines']}"
    await families.made("PATCH", engine, {"visible": False})
    assert (await families.states(german))["work"] == ["untranslated", "untranslated"]
    await families.made("PATCH", engine, {"fields": {"name": "Analytische Maschinen"}})
    assert (await families.states(german))["work"] == ["present", "untranslated"]
    await families.made("PATCH", german, {"basics": {"name": "Ada", "label": "Analystin"}})
    assert (await families.states(german))["basics"] == ["present"]


async def test_an_item_in_another_section_is_the_same_item_and_moved(families: Any) -> None:
    primary = await families.resume()
    german = await families.variant(primary, "de")
    section = await families.made("POST", f"{german}/sections", {"kind": "work", "name": "early"})
    known = await part_ids(families, german)
    move = f"{german}/items/{known['Difference Engines']}/move"
    await families.made("POST", move, {"sectionId": section["id"]})
    assert (await families.states(german))["work"] == ["untranslated", "untranslated"]
    moved = [
        cell
        for part in (await families.family(german))["sections"]
        for row in part["items"]
        for cell in row["cells"]
        if cell["moved"]
    ]
    assert [cell["label"] for cell in moved] == ["Difference Engines"]
    await families.made("POST", f"{german}/family/pull", {"items": [], "structure": True})
    assert (await families.summary(german))["orderDiffers"] is False
    assert [e["name"] for e in (await families.content(german))["work"]] == [
        "Analytical Engines",
        "Difference Engines",
    ]


async def test_of_two_that_change_to_one_language_at_once_one_does(families: Any) -> None:
    primary = await families.resume(language="en")
    others = [await families.variant(primary, language) for language in ("de", "fr", "it")]
    answers = await asyncio.gather(*(families.call("PATCH", path, {"language": "es"}) for path in others))
    assert [a.status_code for a in answers].count(200) <= 1
    languages = [v["language"] for v in (await families.family(primary))["variants"]]
    assert len(set(languages)) == 4


async def test_a_variant_is_linked_to_nothing_in_the_library(families: Any) -> None:
    primary = await families.resume()
    await families.variant(primary, "de")
    fact = {
        "resumeId": primary.rsplit("/", 1)[1],
        "fromItemId": (await part_ids(families, primary))["Bernoulli numbers"],
    }
    made = await families.made("POST", "/api/v1/library/items", fact)
    await families.variant(primary, "fr")
    assert (await families.made("GET", f"/api/v1/library/items/{made['id']}"))["uses"] == 1


async def test_a_deeply_nested_item_is_compared_at_once(families: Any) -> None:
    """To look into each telling member twice would take 2^60 steps."""
    item: Any = " "
    for _ in range(60):
        item = {"name": item, "title": ""}
    primary = await families.resume(CONTENT | {"work": [item]})
    german = await families.variant(primary, "de")
    started = process_time()
    assert (await families.states(german))["work"] == ["untranslated"]
    assert process_time() - started < 2
