"""Suggested edits: accepting one is the very edit that the owner would have made, once, and never an unseen one."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.versions import automatic


async def suggest(reviewed: Any, item: str, **suggestion: Any) -> dict[str, Any]:
    made: dict[str, Any] = await reviewed.note(
        "", anchor={"target": "item", "itemId": item}, suggestion=suggestion
    )
    return made


async def test_an_accepted_suggestion_is_an_edit_of_the_item_and_ends_the_thread(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await suggest(reviewed, item, path="/highlights/0", replacement="Numbers of Bernoulli")
    assert made["suggestion"] == {
        "state": "open",
        "reason": None,
        "changes": [
            {
                "path": "/highlights/0",
                "base": "Bernoulli numbers",
                "isNew": False,
                "replacement": "Numbers of Bernoulli",
            }
        ],
    }
    before = await reviewed.content()
    accepted = await reviewed.act(made, "accept")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["suggestion"]["state"] == "accepted"
    assert accepted.json()["state"] == "resolved"
    before["work"][0]["highlights"][0] = "Numbers of Bernoulli"
    assert await reviewed.content() == before
    assert (await reviewed.ids())[0] == item


async def test_numbers_keep_all_their_digits_suggested_or_not(reviewed: Any) -> None:
    exact, large = "0.1000000000000000000001", "1e400"
    headers = reviewed.owner | {"Content-Type": "application/json"}
    content = f'{{"work":[{{"budget":{exact},"position":"x"}}]}}'
    await reviewed.client.put(f"{reviewed.path}/content", content=content, headers=headers)
    item = (await reviewed.ids())[0]
    body = (
        f'{{"text":"","anchor":{{"target":"item","itemId":"{item}"}},'
        f'"suggestion":{{"fields":{{"position":{large},"budget":{exact}}}}}}}'
    )
    made = await reviewed.client.post(f"{reviewed.path}/comments", content=body, headers=headers)
    assert made.status_code == 201, made.text
    assert exact in made.text
    assert (await reviewed.act(made.json(), "accept")).status_code == 200
    raw = (await reviewed.client.get(f"{reviewed.path}/content", headers=reviewed.owner)).text
    assert exact in raw
    assert "1E+400" in raw or large in raw


@pytest.mark.parametrize("path", ["/summary", "/label", "/url"])
async def test_basics_are_changed_field_by_field(reviewed: Any, path: str) -> None:
    made = await reviewed.note(
        "", anchor={"target": "basics"}, suggestion={"path": path, "replacement": "New"}
    )
    before = await reviewed.content()
    assert (await reviewed.act(made, "accept")).status_code == 200
    before["basics"][path[1:]] = "New"
    assert await reviewed.content() == before


async def test_a_suggestion_on_what_was_changed_since_is_refused_with_both_texts(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await suggest(reviewed, item, fields={"position": "Analyst", "name": "Engine"})
    await reviewed.change(item, position="Countess", highlights=[])
    assert (await reviewed.comment(made))["suggestion"]["state"] == "outdated"
    refused = await reviewed.act(made, "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "SUGGESTION_OUTDATED")
    assert refused.json()["errors"] == [
        {"path": "/position", "message": 'now: "Countess"'},
        {"path": "/position", "message": 'then: "Programmer"'},
    ]
    content = await reviewed.content()
    assert (content["work"][0]["position"], content["work"][0]["name"]) == ("Countess", "Analytical Engine")
    forced = await reviewed.act(made, "accept", force="true")
    assert forced.status_code == 200
    assert (await reviewed.content())["work"][0]["position"] == "Analyst"


async def test_a_change_elsewhere_in_the_item_makes_nothing_outdated(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await suggest(reviewed, item, fields={"position": "Analyst"})
    await reviewed.change(item, name="Other", highlights=["x"])
    assert (await reviewed.act(made, "accept")).status_code == 200
    entry = (await reviewed.content())["work"][0]
    assert (entry["name"], entry["position"], entry["highlights"]) == ("Other", "Analyst", ["x"])


async def test_a_suggestion_for_a_gone_item_is_refused_even_by_force(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await suggest(reviewed, item, fields={"position": "Analyst"})
    await reviewed.client.delete(f"{reviewed.path}/items/{item}", headers=reviewed.owner)
    for query in ({}, {"force": "true"}):
        refused = await reviewed.act(made, "accept", **query)
        assert (refused.status_code, refused.json()["code"]) == (409, "SUGGESTION_OUTDATED")
    assert (await reviewed.comment(made))["suggestion"]["state"] == "outdated"


async def test_a_suggestion_is_accepted_once_however_often_and_at_once(reviewed: Any) -> None:
    item = (await reviewed.ids())[1]
    made = await suggest(reviewed, item, fields={"position": "Author"})
    answers = await asyncio.gather(*(reviewed.act(made, "accept") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    read = await reviewed.client.get(f"{reviewed.path}/items/{item}", headers=reviewed.owner)
    assert read.json()["version"] == 2
    await reviewed.change(item, position="Reader")
    assert (await reviewed.act(made, "accept")).status_code == 200
    assert (await reviewed.content())["work"][1]["position"] == "Reader", "it is not made again"


async def test_a_suggestion_is_turned_down_with_a_reason_and_stays_so(reviewed: Any) -> None:
    item = (await reviewed.ids())[0]
    made = await suggest(reviewed, item, fields={"position": "Analyst"})
    before = await reviewed.content()
    rejected = await reviewed.act(made, "reject", {"reason": "It was so. "})
    assert rejected.json()["suggestion"]["state"] == "rejected"
    assert rejected.json()["suggestion"]["reason"] == "It was so."
    again = await reviewed.act(made, "reject")
    assert again.json()["suggestion"]["reason"] == "It was so."
    refused = await reviewed.act(made, "accept", force="true")
    assert (refused.status_code, refused.json()["code"]) == (409, "SUGGESTION_DECIDED")
    assert await reviewed.content() == before


async def test_an_accepted_suggestion_is_not_turned_down(reviewed: Any) -> None:
    made = await suggest(reviewed, (await reviewed.ids())[0], fields={"position": "Analyst"})
    await reviewed.act(made, "accept")
    assert (await reviewed.act(made, "reject")).json()["code"] == "SUGGESTION_DECIDED"


async def test_nothing_is_accepted_into_a_locked_resume(reviewed: Any) -> None:
    made = await suggest(reviewed, (await reviewed.ids())[0], fields={"position": "Analyst"})
    await reviewed.client.put(f"{reviewed.path}/lock", json={"locked": True}, headers=reviewed.owner)
    assert (await reviewed.act(made, "accept", force="true")).status_code == 423
    assert (await reviewed.comment(made))["suggestion"]["state"] == "open"


async def test_a_plain_comment_has_nothing_to_accept(reviewed: Any) -> None:
    made = await reviewed.note()
    for what in ("accept", "reject"):
        refused = await reviewed.act(made, what)
        assert (refused.status_code, refused.json()["code"]) == (409, "NO_SUGGESTION")


@pytest.mark.parametrize(
    ("anchor", "suggestion", "code"),
    [
        ("resume", {"path": "/x", "replacement": 1}, "SUGGESTION_UNCLEAR"),
        ("section", {"fields": {"x": 1}}, "SUGGESTION_UNCLEAR"),
        ("item", {}, "SUGGESTION_UNCLEAR"),
        ("item", {"replacement": "x"}, "SUGGESTION_UNCLEAR"),
        ("item", {"path": "/a/b", "replacement": "x"}, "SUGGESTION_UNCLEAR"),
        ("item", {"path": "/highlights/9", "replacement": "x"}, "SUGGESTION_UNCLEAR"),
        ("item", {"path": "/name", "replacement": "x", "fields": {"x": 1}}, "SUGGESTION_UNCLEAR"),
        ("basics", {"path": "", "replacement": {}}, "SUGGESTION_UNCLEAR"),
        ("item", {"path": "/name", "replacement": "x" * 20_000}, "SUGGESTION_TOO_LARGE"),
    ],
)
async def test_a_suggestion_says_what_it_would_change_and_is_no_store(
    reviewed: Any, anchor: str, suggestion: dict[str, Any], code: str
) -> None:
    about: dict[str, Any] = {"target": anchor}
    if anchor == "item":
        about["itemId"] = (await reviewed.ids())[0]
    if anchor == "section":
        about["sectionId"] = await reviewed.section("work")
    body = {"text": "x", "anchor": about, "suggestion": suggestion}
    answer = await reviewed.client.post(f"{reviewed.path}/comments", json=body, headers=reviewed.owner)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def test_an_item_that_is_no_object_can_be_replaced_as_a_whole(make_reviewed: Any) -> None:
    reviewed = await make_reviewed({"hobbies": ["chess", "walks"]})
    item = (await reviewed.ids("hobbies"))[0]
    made = await suggest(reviewed, item, path="", replacement="go")
    assert (await reviewed.act(made, "accept")).status_code == 200
    assert await reviewed.content() == {"hobbies": ["go", "walks"]}


async def test_before_a_suggestion_is_made_true_a_version_is_kept(
    reviewed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await suggest(reviewed, (await reviewed.ids())[0], fields={"position": "Analyst"})
    await reviewed.change((await reviewed.ids())[1], position="Else")
    monkeypatch.setattr(automatic, "PAUSE", timedelta(0))
    await reviewed.act(made, "accept")
    listed = (await reviewed.client.get(f"{reviewed.path}/versions", headers=reviewed.owner)).json()["items"]
    assert [version["reason"] for version in listed] == ["automatic"]
    path = f"/api/v1/versions/{listed[0]['id']}"
    kept = (await reviewed.client.get(path, headers=reviewed.owner)).json()["content"]
    assert kept["work"][0]["position"] == "Programmer"


NAMES = st.sampled_from(["name", "position", "highlights", "a/b", "m~n", "", "é", "0"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(
    entry=st.dictionaries(NAMES, VALUES, max_size=5),
    fields=st.dictionaries(NAMES, VALUES, min_size=1, max_size=3),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_accepting_is_the_same_edit_as_the_owners_own(
    make_reviewed: Any, entry: dict[str, Any], fields: dict[str, Any]
) -> None:
    by_hand, accepted = await make_reviewed({"work": [entry]}), await make_reviewed({"work": [entry]})
    await by_hand.change((await by_hand.ids())[0], **fields)
    made = await suggest(accepted, (await accepted.ids())[0], fields=fields)
    assert (await accepted.act(made, "accept")).status_code == 200
    raw = [
        (await one.client.get(f"{one.path}/content", headers=one.owner)).content
        for one in (by_hand, accepted)
    ]
    assert raw[0] == raw[1]
