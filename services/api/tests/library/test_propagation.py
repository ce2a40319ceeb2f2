"""Changes that go from the library to its uses, and from a use to the library."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest

from common.testing.issuer import Issuer

JOB = {"name": "Analytical Engines", "position": "Programmer", "startDate": "1842"}


async def edit(library: Any, resume: str, **fields: Any) -> None:
    """Reword the one job of a resume."""
    content = await library.content(resume)
    await library.made("PUT", f"{resume}/content", {"work": [content["work"][0] | fields]})


async def version(library: Any, resume: str) -> int:
    return int((await library.made("GET", resume))["version"])


async def test_a_change_reaches_the_uses_but_not_their_own_wording(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    (plain, first), (worded, second) = await use(path), await use(path, fields={"position": "Countess"})
    await library.change(path, JOB | {"name": "Engines", "position": "Analyst"})
    happened = await library.propagate(path)
    assert (await library.content(plain))["work"] == [JOB | {"name": "Engines", "position": "Analyst"}]
    assert (await library.content(worded))["work"] == [JOB | {"name": "Engines", "position": "Countess"}]
    assert happened[first]["result"] == happened[second]["result"] == "updated"
    assert (happened[first]["updated"], happened[first]["conflicts"]) == (["name", "position"], [])
    assert (happened[second]["updated"], happened[second]["kept"]) == (["name"], ["position"])
    assert happened[second]["conflicts"] == ["position"]
    found = await library.uses(path)
    assert {use["state"] for use in found.values()} == {"current"}
    assert (found[first]["overrides"], found[second]["overrides"]) == ([], ["position"])
    assert await library.propagate(path) == {}


async def test_replacing_gives_up_wording_of_ones_own(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path, fields={"position": "Countess", "url": "u"})
    assert (await library.propagate(path, overrides="replace")) == {}, "it is not outdated"
    happened = await library.propagate(path, overrides="replace", itemIds=[item])
    assert set(happened[item]["updated"]) == {"position", "url"}
    assert (await library.content(resume))["work"] == [JOB]


async def test_a_propagation_is_a_new_version_of_the_resumes_that_it_changes(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    (changed, _), (worded, _) = await use(path), await use(path, fields={"name": "Mine"})
    before = await version(library, changed), await version(library, worded)
    await library.change(path, JOB | {"name": "Engines"})
    await library.propagate(path)
    after = await version(library, changed), await version(library, worded)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 0)
    cached = await library.call("GET", f"{changed}/content")
    assert cached.headers["etag"] == f'"v{after[0]}"'


async def test_chosen_uses_alone_are_changed(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    (_, first), (other, second) = await use(path), await use(path)
    await library.change(path, JOB | {"name": "Engines"})
    assert list(await library.propagate(path, itemIds=[first])) == [first]
    assert (await library.uses(path))[second]["state"] == "outdated"
    assert await library.content(other) == {"work": [JOB]}


async def test_uses_that_are_kept_say_what_they_said_also_after_the_next_change(
    library: Any, use: Any
) -> None:
    path = await library.item(JOB)
    resume, item = await use(path)
    await library.change(path, JOB | {"name": "Engines"})
    answer = await library.made("POST", f"{path}/keep", {"itemIds": [item]})
    assert [(u["result"], u["kept"]) for u in answer["uses"]] == [("unchanged", ["name"])]
    assert (await library.uses(path))[item]["overrides"] == ["name"]
    await library.change(path, JOB | {"name": "Engines", "startDate": "1843"})
    await library.propagate(path)
    assert (await library.content(resume))["work"] == [JOB | {"startDate": "1843"}]


async def test_a_locked_resume_is_skipped_and_named(library: Any, use: Any, lock: Any) -> None:
    path = await library.item(JOB)
    (resume, item), (_, free) = await use(path), await use(path)
    await lock(resume)
    await library.change(path, {})
    happened = await library.propagate(path)
    assert (happened[item]["result"], happened[free]["result"]) == ("locked", "updated")
    assert await library.content(resume) == {"work": [JOB]}
    assert (await library.uses(path))[item]["state"] == "outdated"


async def test_more_uses_than_one_request_changes_are_said_to_be_left(
    library: Any, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.library.propagation.MOST_USES", 2)
    path = await library.item(JOB)
    for _ in range(3):
        await use(path)
    await library.change(path, {})
    answers = [await library.made("POST", f"{path}/propagate") for _ in range(3)]
    assert [(len(a["uses"]), a["more"]) for a in answers] == [(2, True), (1, False), (0, False)]


async def test_publishing_makes_a_wording_that_of_the_library(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    (resume, item), (other, second) = await use(path), await use(path)
    await edit(library, resume, position="Countess", name="Engines")
    at = f"{resume}/items/{item}/library/publish"
    answer = await library.made("POST", at, {"fields": ["position"]})
    assert answer["libraryItem"]["data"] == JOB | {"position": "Countess"}
    assert answer["item"]["links"]["library"] == {
        "id": path.rsplit("/", 1)[1],
        "state": "current",
        "overrides": ["name"],
    }
    assert (await library.uses(path))[second]["state"] == "outdated"
    assert await library.content(other) == {"work": [JOB]}
    answer = await library.made("POST", at)
    assert (answer["libraryItem"]["data"], answer["libraryItem"]["version"]) == (
        JOB | {"position": "Countess", "name": "Engines"},
        3,
    )
    assert (await library.made("POST", at))["libraryItem"]["version"] == 3


async def test_publishing_takes_in_what_the_library_said_meanwhile(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resume, item = await use(path, fields={"position": "Countess"})
    await library.change(path, JOB | {"name": "Engines", "position": "Analyst"})
    at = f"{resume}/items/{item}/library/publish"
    assert (await library.call("POST", at, if_match='"v1"')).status_code == 412
    answer = await library.made("POST", at, None, if_match='"v2"')
    expected = JOB | {"name": "Engines", "position": "Countess"}
    assert answer["libraryItem"]["data"] == answer["item"]["data"] == expected
    assert await library.content(resume) == {"work": [expected]}


async def test_what_is_not_linked_is_not_published(library: Any, make_resume: Any, rows: Any) -> None:
    resume = await make_resume(content={"work": [JOB]})
    answer = await library.call("POST", f"{resume}/items/{(await rows(resume))[0].id}/library/publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_IN_LIBRARY")


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_was_edited_wording_is_kept_and_then_made_one(
    library: Any, use: Any, seed: int
) -> None:
    rng = random.Random(seed)

    def some() -> dict[str, int]:
        return {name: rng.randrange(3) for name in "abcd" if rng.random() < 0.7}

    path = await library.item(some())
    resumes = [await use(path) for _ in range(3)]
    for _ in range(3):
        for resume, _ in resumes:
            await library.made("PUT", f"{resume}/content", {"work": [some()]})
        before = {item: (await library.content(resume))["work"][0] for resume, item in resumes}
        own = {item: found["overrides"] for item, found in (await library.uses(path)).items()}
        await library.change(path, now := some())
        await library.propagate(path)
        for resume, item in resumes:
            after = (await library.content(resume))["work"][0]
            for name in "abcd":
                expected = before[item] if name in own[item] else now
                assert after.get(name) == expected.get(name), name
    (resume, item), *_ = resumes
    await library.made("PUT", f"{resume}/content", {"work": [{"e": seed}]})
    await library.made("POST", f"{resume}/items/{item}/library/publish")
    await library.propagate(path, overrides="replace")
    assert [(await library.content(resume))["work"] for resume, _ in resumes] == [[{"e": seed}]] * 3


async def test_of_two_propagations_at_once_each_use_is_changed_by_one(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    resumes = [await use(path) for _ in range(4)]
    versions = [await version(library, resume) for resume, _ in resumes]
    await library.change(path, {})
    answers = await asyncio.gather(*(library.made("POST", f"{path}/propagate") for _ in range(4)))
    happened = [use["itemId"] for answer in answers for use in answer["uses"]]
    assert sorted(happened) == sorted(item for _, item in resumes)
    assert [await version(library, resume) for resume, _ in resumes] == [v + 1 for v in versions]


async def test_nothing_is_lost_between_edits_a_new_wording_and_propagations(library: Any, use: Any) -> None:
    path = await library.item({"a": 0, "b": 0})
    resumes = [await use(path) for _ in range(3)]
    for n in range(1, 5):
        await asyncio.gather(
            *(
                library.made("PUT", f"{resume}/content", {"work": [{"a": 0, "b": -n}]})
                for resume, _ in resumes
            ),
            library.change(path, {"a": n, "b": 0}),
            library.propagate(path),
        )
        await library.propagate(path)
        for resume, _ in resumes:
            (entry,) = (await library.content(resume))["work"]
            assert entry["b"] == -n, "the edit is not undone"
    for resume, item in resumes:
        found = (await library.uses(path))[item]
        assert found["state"] == "current"
        (entry,) = (await library.content(resume))["work"]
        assert (entry["a"] == 4) != ("a" in found["overrides"])


async def test_what_is_somebody_elses_is_not_found_by_any_id(
    library: Any, use: Any, client: Any, issuer: Issuer, make_resume: Any, rows: Any
) -> None:
    """SECURITY 22: ids in bodies open nothing either."""
    path = await library.item(JOB)
    resume, item = await use(path)
    other = type(library)(client, issuer.headers("api"))
    mine = await other.item(JOB)
    foreign = {"libraryItemId": path.rsplit("/", 1)[1]}
    own = await client.post(
        "/api/v1/resumes", json={"title": "A", "content": {"work": [JOB]}}, headers=other.owner
    )
    place = own.headers["location"]
    entry = str((await rows(place))[0].id)
    for answer in (
        await other.call("GET", path),
        await other.call("GET", f"{path}/uses"),
        await other.call("POST", f"{path}/propagate"),
        await other.call("POST", f"{mine}/propagate", {"itemIds": [item]}),
        await other.call("POST", f"{mine}/keep", {"itemIds": [item]}),
        await other.call("PUT", f"{place}/items/{entry}/library", foreign),
        await other.call("PUT", f"{place}/items/{item}/library", {"libraryItemId": mine.rsplit("/", 1)[1]}),
        await other.call("POST", library.PATH, {"resumeId": resume.rsplit("/", 1)[1], "fromItemId": item}),
        await other.call("POST", library.PATH, {"resumeId": place.rsplit("/", 1)[1], "fromItemId": item}),
    ):
        assert answer.status_code == 404, answer.request.url
    assert (await other.made("GET", library.PATH))["items"][0]["uses"] == 0
    assert (await library.uses(path))[item]["state"] == "current"


async def test_a_use_that_is_none_is_not_found(library: Any, use: Any) -> None:
    path = await library.item(JOB)
    _, item = await use(path)
    answer = await library.call("POST", f"{path}/propagate", {"itemIds": [item, str(uuid4())]})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
