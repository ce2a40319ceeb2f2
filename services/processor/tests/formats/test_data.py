"""JSON and YAML: the document itself, which readers of any version of YAML take for the same."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

Write = Callable[..., bytes]
# What a plain scalar is taken for in the core schema of YAML 1.2 (10.3.2) and by the types of YAML 1.1.
NO_TEXT = re.compile(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
    r"|[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F_]+|0b[01_]+|[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
    r"|<<|="
)
TRAPS = [
    "no", "Yes", "ON", "y", "null", "~", "", " ", "1", "-1", "1_000", "0o14", "014", "0x1F", "1e3", "1.5", ".5", ".inf",
    "NaN", "12:30:45", "2020-01-01", "2020-01-01T10:00:00Z", "<<", "=", "- a", "a: b", "a #b", "#a", "a:", ":a", "&a", "*a",
    "!a", "%a", "@a", "`a", "[a]", "{a}", "a, b", "'a'", '"a"', "|", ">", "? a", "---", "...", "a\nb", "a\n", "\na",
    " a\nb", "a \nb", "a\n\n\nb", "a\tb", "\ta", "a\r\nb", "a\x85b", "a\u2028b", "\ufeffa", "a\x00b", "\x07", "😀", "é", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_a_text_stays_a_text(write: Write, trap: str) -> None:
    content = {"basics": {"name": trap, "summary": [trap, trap]}, trap: {trap: [{trap: trap}]}}
    text = write("yaml", content).decode()
    assert yaml.safe_load(text) == content
    for event in yaml.parse(text):
        if isinstance(event, yaml.ScalarEvent):
            assert not (event.implicit[0] and event.style is None and NO_TEXT.fullmatch(event.value)), event
            assert event.tag is None
            assert event.anchor is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
@settings(deadline=None)
def test_yaml_says_the_same_as_json(write: Write, content: dict[str, Any]) -> None:
    assert json.loads(write("json", content)) == content
    assert yaml.safe_load(write("yaml", content)) == content


def test_json_and_yaml_are_written_for_people(write: Write) -> None:
    content = {
        "work": [{"name": "Ängström & Co", "summary": "One.\n\nTwo: no.", "highlights": ["a", "yes"]}],
        "size": 1.5,
    }
    assert write("json", content).decode() == json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    assert write("yaml", content).decode() == (
        "work:\n"
        "- name: Ängström & Co\n"
        "  summary: |-\n"
        "    One.\n"
        "\n"
        "    Two: no.\n"
        "  highlights:\n"
        "  - a\n"
        '  - "yes"\n'
        "size: 1.5\n"
    )


def test_members_stand_in_the_order_that_people_expect_and_sections_in_that_of_their_writer(
    write: Write,
) -> None:
    content = {
        "skills": [{"keywords": ["a"], "level": "b", "name": "c", "zoo": 1, "aha": 2}],
        "basics": {"email": "e", "label": "l", "name": "n", "profiles": [{"url": "u", "network": "w"}]},
    }
    written = json.loads(write("json", content))
    assert written == content
    assert list(written) == ["skills", "basics"]
    assert list(written["skills"][0]) == ["name", "level", "keywords", "zoo", "aha"]
    assert list(written["basics"]) == ["name", "label", "email", "profiles"]
    assert list(written["basics"]["profiles"][0]) == ["network", "url"]
    assert list(yaml.safe_load(write("yaml", content))["skills"][0]) == list(written["skills"][0])


def test_options_of_templates_leave_the_document_as_it_is(write: Write) -> None:
    content = {"work": [{"name": "Inn"}], "references": [{"name": "Ann"}]}
    for format in ("json", "yaml"):
        assert write(format, content, {"hidden": ["references"], "order": ["references"]}) == write(
            format, content
        )
