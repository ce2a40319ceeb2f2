"""A JSON Resume as YAML says the same as in JSON, as we write it and as others do."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from api.imports import formats, yaml_source

RESUME: dict[str, Any] = {
    "$schema": "https://example.org/schema.json",
    "basics": {
        "name": "Zoë Ångström",
        "phone": "+49 30 123",
        "summary": "One: two.\n\n- no item\n# no comment",
        "location": {"postalCode": "01067", "countryCode": "NO"},
    },
    "work": [
        {"name": "no", "startDate": "2020-01", "endDate": "2021-02-03", "highlights": ["yes", "1e3", "~", ""]}
    ],
    "skills": [{"name": "Scale", "level": 5, "score": 1.5, "is": True, "not": None}],
    "extra": {"big": 12345678901234567890, "small": 1.5e-07, "round": 1e16, "text": "12:30:45"},
}
# As the processor writes it: what is a text is quoted wherever YAML would take it for something else.
AS_WE_WRITE_IT = """\
basics:
  name: Zoë Ångström
  phone: "+49 30 123"
  summary: |-
    One: two.

    - no item
  location:
    postalCode: "01067"
    countryCode: "NO"
work:
- name: "no"
  startDate: "2020-01"
  highlights:
  - "yes"
  - "1e3"
  - ""
skills:
- name: Scale
  level: 5
  score: 1.5
  big: 1.0e+16
"""


async def test_a_json_resume_in_yaml_is_imported_like_one_in_json(
    client: httpx.AsyncClient, owner: dict[str, str], import_file: Callable[..., Any]
) -> None:
    for format in (None, "json-resume"):
        for text in (yaml.safe_dump(RESUME, allow_unicode=True, sort_keys=False), yaml.safe_dump(RESUME)):
            made = await import_file(text.encode(), **({"format": format} if format else {}))
            path = f"/api/v1/resumes/{made['resume']['id']}/content"
            assert (await client.get(path, headers=owner)).json() == RESUME


def test_a_yaml_of_ours_is_read_as_it_was_meant() -> None:
    assert yaml_source.read(AS_WE_WRITE_IT) == {
        "basics": {
            "name": "Zoë Ångström",
            "phone": "+49 30 123",
            "summary": "One: two.\n\n- no item",
            "location": {"postalCode": "01067", "countryCode": "NO"},
        },
        "work": [{"name": "no", "startDate": "2020-01", "highlights": ["yes", "1e3", ""]}],
        "skills": [{"name": "Scale", "level": 5, "score": 1.5, "big": 1e16}],
    }


@pytest.mark.parametrize("text", ["cv:\n  name: Ada\n  sections: {}\n", "cv: {name: Ada}\nbasics: {}\n"])
def test_a_file_of_rendercv_is_still_told_from_one_of_json_resume(text: str) -> None:
    assert formats.read(text, None).format == "rendercv"


@pytest.mark.parametrize(
    "written", ["1e5", "1E5", "1.10", "+1", "007", "1_000", "0x1F", "0o14", "12:30", "1.0e5", ".5"]
)
def test_what_we_would_not_write_as_a_number_stays_text(written: str) -> None:
    assert yaml_source.read(f"a: {written}") == {"a": written}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
@settings(deadline=None)
def test_what_yaml_writes_is_read_as_the_same_json(content: dict[str, Any]) -> None:
    text = yaml.dump(content, Dumper=_Quoting, allow_unicode=True, sort_keys=False)
    assert json.dumps(yaml_source.read(text)) == json.dumps(content)


class _Quoting(yaml.SafeDumper):
    """Quotes every text."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


_Quoting.add_representer(str, lambda _, text: yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"'))
