"""Who is of a family, and whom the others follow."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.testing.issuer import Issuer

WORK = [{"name": "A"}, {"name": "B"}, {"name": "C"}]


async def primary_of(families: Any, path: str) -> str:
    found = next(v for v in (await families.family(path))["variants"] if v["isPrimary"])
    return f"/api/v1/resumes/{found['id']}"


async def three(families: Any) -> tuple[str, str, str]:
    """A family: of three items, German has translated the first two, French the first and the last."""
    english = await families.resume({"work": WORK})
    german, french = await families.variant(english, "de"), await families.variant(english, "fr")
    await families.put(german, work=[{"name": "A de"}, {"name": "B de"}, {"name": "C"}])
    await families.put(french, work=[{"name": "A fr"}, {"name": "B"}, {"name": "C fr"}])
    await families.put(english, work=[{"name": "A"}, {"name": "B2"}, {"name": "C"}])
    assert (await families.states(german))["work"] == ["present", "outdated", "untranslated"]
    assert (await families.states(french))["work"] == ["present", "untranslated", "present"]
    return english, german, french


async def test_who_agreed_with_the_old_primary_agrees_with_the_new_one(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("PUT", f"{german}/family/primary")
    assert await primary_of(families, french) == german
    assert (await families.states(english))["work"] == ["present", "outdated", "present"]
    assert (await families.states(french))["work"] == ["present", "untranslated", "present"]
    await families.put(german, work=[{"name": "A neu"}, {"name": "B de"}, {"name": "C"}])
    assert (await families.states(french))["work"] == ["outdated", "untranslated", "present"]
    assert (await families.states(english))["work"] == ["outdated", "outdated", "present"]
    await families.put(english, work=[{"name": "A new"}, {"name": "B2"}, {"name": "C"}])
    assert (await families.states(english))["work"] == ["present", "outdated", "present"]


async def test_who_was_behind_the_old_primary_is_behind_the_new_one(families: Any) -> None:
    english, german, french = await three(families)
    await families.put(english, basics={"name": "Ada"}, work=[{"name": "A2"}, {"name": "B2"}, {"name": "C"}])
    for path in (german, french):
        await families.made("POST", f"{path}/family/pull")
        await families.put(path, basics={"name": f"Ada {path[-1:]}", "label": "x"})
    await families.put(english, basics={"name": "Ada Lovelace"})
    await families.put(
        german, basics={"name": "Ada L."}, work=[{"name": "A2 de"}, {"name": "B de"}, {"name": "C"}]
    )
    await families.made("PUT", f"{german}/family/primary")
    states = await families.states(french)
    assert (states["work"], states["basics"]) == (["outdated", "untranslated", "present"], ["outdated"])
    states = await families.states(english)
    assert (states["work"], states["basics"]) == (["present", "outdated", "present"], ["present"])


async def test_to_the_primary_and_back_nothing_has_become_up_to_date(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("PUT", f"{german}/family/primary")
    await families.made("PUT", f"{english}/family/primary")
    assert (await families.states(german))["work"] == ["present", "outdated", "present"]
    assert (await families.states(french))["work"] == ["present", "untranslated", "present"]
    await families.made("PUT", f"{english}/family/primary")
    assert await primary_of(families, english) == english


async def test_who_leaves_is_on_its_own_and_a_family_of_one_ends(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("DELETE", f"{french}/family")
    assert (await families.call("GET", f"{french}/family")).status_code == 404
    assert len((await families.family(english))["variants"]) == 2
    again = await families.variant(english, "fr")
    assert (await families.states(again))["work"] == ["untranslated"] * 3
    await families.made("DELETE", f"{again}/family")
    await families.made("DELETE", f"{german}/family")
    assert (await families.call("GET", f"{english}/family")).status_code == 404
    assert (await families.content(german))["work"][0] == {"name": "A de"}


async def test_when_the_primary_leaves_the_oldest_is_followed(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("DELETE", f"{english}/family")
    assert await primary_of(families, french) == german
    assert (await families.states(french))["work"] == ["present", "untranslated", "present"]


async def test_when_the_primary_goes_to_the_trash_the_oldest_is_followed(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("DELETE", english)
    assert await primary_of(families, french) == german
    assert len((await families.family(french))["variants"]) == 2


async def test_a_primary_that_comes_back_from_the_trash_is_followed_again(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("DELETE", english)
    await families.made("POST", f"{english}/restore")
    assert await primary_of(families, english) == english
    assert (await families.states(german))["work"] == ["present", "outdated", "present"]
    assert (await families.states(french))["work"] == ["present", "untranslated", "present"]
    await families.made("DELETE", english)
    await families.put(german, work=[{"name": "A neu"}, {"name": "B de"}, {"name": "C"}])
    await families.made("POST", f"{english}/restore")
    assert (await families.states(german))["work"] == ["outdated", "outdated", "present"]


async def test_a_primary_that_comes_back_is_a_variant_if_another_was_chosen(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("DELETE", english)
    assert await primary_of(families, french) == german, "it stands in"
    await families.made("PUT", f"{german}/family/primary")
    await families.made("POST", f"{english}/restore")
    assert await primary_of(families, english) == german
    assert (await families.states(english))["work"] == ["present", "outdated", "present"]


async def test_a_primary_that_finds_its_language_taken_leaves_the_stand_in_alone(families: Any) -> None:
    english, german, french = await three(families)
    await families.made("DELETE", english)
    await families.variant(german, "en")
    states = await families.states(french)
    await families.made("POST", f"{english}/restore")
    assert (await families.call("GET", f"{english}/family")).status_code == 404
    assert await primary_of(families, french) == german
    assert await families.states(french) == states


steps = st.tuples(st.sampled_from(["trash", "restore", "choose"]), st.integers(0, 2))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(taken=st.lists(steps, max_size=12))
async def test_whatever_goes_and_comes_back_the_chosen_one_is_the_primary(
    families: Any, taken: list[tuple[str, int]]
) -> None:
    english = await families.resume({"work": [{"name": "A"}]})
    everyone = [english, await families.variant(english, "de"), await families.variant(english, "fr")]
    chosen, there = english, set(everyone)
    for step, which in [*taken, *(("restore", which) for which in range(3))]:
        path = everyone[which]
        if step == "restore" and path not in there:
            await families.made("POST", f"{path}/restore")
            there.add(path)
        elif step == "trash" and path in there:
            await families.made("DELETE", path)
            there.remove(path)
        elif step == "choose" and path in there:
            await families.made("PUT", f"{path}/family/primary")
            chosen = path
        if there:
            variants = (await families.family(next(iter(there))))["variants"]
            primary = [variant["id"] for variant in variants if variant["isPrimary"]]
            assert (len(variants), len(primary)) == (len(there), 1)
            assert chosen not in there or chosen.endswith(primary[0])
    assert there == set(everyone)


async def test_who_comes_back_to_find_its_language_taken_is_on_its_own(families: Any) -> None:
    english, german, _ = await three(families)
    await families.made("DELETE", german)
    other = await families.variant(english, "de")
    await families.made("POST", f"{german}/restore")
    assert (await families.call("GET", f"{german}/family")).status_code == 404
    assert (await families.summary(other))["language"] == "de"


async def test_a_family_that_was_all_in_the_trash_comes_back(families: Any) -> None:
    english, german, french = await three(families)
    for path in (german, french, english):
        await families.made("DELETE", path)
    await families.made("POST", f"{german}/restore")
    assert await primary_of(families, german) == german
    await families.made("POST", f"{english}/restore")
    assert await primary_of(families, english) == english
    assert (await families.states(german))["work"] == ["present", "outdated", "present"]


async def test_a_duplicate_is_not_of_the_family(families: Any) -> None:
    english, german, _ = await three(families)
    for path in (english, german):
        copy = await families.made("POST", f"{path}/duplicate")
        assert (await families.call("GET", f"/api/v1/resumes/{copy['id']}/family")).status_code == 404
    assert len((await families.family(english))["variants"]) == 3


async def test_nobody_sees_or_changes_anothers_family(families: Any, client: Any, issuer: Issuer) -> None:
    """SECURITY 22: nor by the ids of their parts."""
    english, german, _ = await three(families)
    before = await families.family(english)
    other = type(families)(client, issuer.headers("api"))
    own = await other.variant(await other.resume({"work": WORK}), "de")
    items = [row["cells"][0]["id"] for section in before["sections"] for row in section["items"]]
    for answer in (
        await other.call("GET", f"{german}/family"),
        await other.call("POST", f"{german}/variants", {"language": "it"}),
        await other.call("POST", f"{german}/family/confirm"),
        await other.call("POST", f"{german}/family/pull"),
        await other.call("PUT", f"{german}/family/primary"),
        await other.call("DELETE", f"{german}/family"),
        await other.call("POST", f"{own}/family/pull", {"items": items}),
        await other.call("POST", f"{own}/family/confirm", {"itemIds": items}),
    ):
        assert answer.status_code == 404, answer.request.url
    assert await families.family(english) == before


async def test_what_is_deleted_for_good_leaves_no_family_of_one(families: Any) -> None:
    english = await families.resume({"work": WORK})
    german = await families.variant(english, "de")
    await families.made("DELETE", english)
    assert (await families.made("GET", german))["familyId"] is not None, "it can come back"
    await families.made("DELETE", f"{english}?permanently=true")
    assert (await families.made("GET", german))["familyId"] is None
    assert (await families.call("GET", f"{german}/family")).status_code == 404


async def test_to_join_or_to_leave_a_family_is_a_new_version(families: Any) -> None:
    english = await families.resume({"work": WORK})
    tags = [(await families.call("GET", english)).headers["etag"]]
    german = await families.variant(english, "de")
    tags.append((await families.call("GET", english)).headers["etag"])
    await families.variant(english, "fr")
    await families.made("PUT", f"{german}/family/primary")
    assert (await families.call("GET", english)).headers["etag"] == tags[1]
    await families.made("DELETE", f"{english}/family")
    tags.append((await families.call("GET", english)).headers["etag"])
    assert len(set(tags)) == 3
    content = await families.call("GET", f"{english}/content")
    assert content.headers["etag"] == tags[2]
