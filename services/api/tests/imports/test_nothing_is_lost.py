"""Whatever stands in a document, at whatever place: it is in the resume, or named in a warning."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imports.conftest import as_json, document
from imports.exports import TABLES, table

from api.imports import formats, xml_source, yaml_source
from api.imports.problems import Unreadable
from api.imports.reading import leaves

SOURCES: dict[str, Any] = {
    "reactive-resume 4": ("reactive-resume", as_json("reactive-resume-v4.json")),
    "reactive-resume 5": ("reactive-resume", as_json("reactive-resume-v5.json")),
    "rendercv": ("rendercv", yaml_source.read(document("rendercv.yaml").decode())),
    "europass 3": ("europass", xml_source.read(document("europass-3.xml"))),
    "europass 3 as JSON": ("europass", as_json("europass-3.json")),
    "europass 4": ("europass", xml_source.read(document("europass-4.xml"))),
}
WORD = "Qwertz{}xyz"


def _put(source: Any, at: tuple[str | int, ...], value: Any) -> None:
    for part in at[:-1]:
        source = source[part]
    source[at[-1]] = value


def _told(imported: formats.Imported) -> str:
    warnings = [[warning.path, warning.message] for warning in imported.warnings]
    outcome = [imported.snapshot.content().decode(), imported.snapshot.layout().decode(), imported.language]
    return json.dumps([warnings, outcome], ensure_ascii=False)


def _is_told(at: tuple[str | int, ...], word: str, imported: formats.Imported) -> bool:
    """Whether the word stands anywhere, or its place is named."""
    if word in _told(imported):
        return True
    plain = [str(part) for part in at]
    return any(_covers(warning.path, plain) for warning in imported.warnings)


def _covers(path: str, at: list[str]) -> bool:
    parts = re.findall(r'\["([^"]*)"\]|\[([^\]]*)\]|\.([^.\[]+)', path)
    named = ["".join(part) for part in parts]
    return len(named) <= len(at) and all(n in ("*", a) for n, a in zip(named, at, strict=False))


values = st.sampled_from(
    [
        lambda word: word,
        lambda word: f"<p>{word}</p><ul><li>{word}</li></ul>",
        lambda word: f"{word} - {word}",
        lambda word: [word],
        lambda word: {"unknown": word},
        lambda word: {"#text": word, "@kind": word},
        lambda word: [{"title": word}, [word]],
    ]
)


@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_at_any_place_is_told(name: str, data: st.DataObject) -> None:
    format, source = SOURCES[name]
    source = copy.deepcopy(source)
    places = [at for at, _ in leaves(source)]
    changed = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4, unique=True))
    for number, at in enumerate(changed):
        _put(source, at, data.draw(values)(WORD.format(number)))
    imported = _read(source, format)
    if imported is None:
        return
    for number, at in enumerate(changed):
        assert _is_told(at, WORD.format(number), imported), (at, _told(imported))


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_any_cell_of_any_table_is_told(data: st.DataObject) -> None:
    tables = copy.deepcopy(TABLES)
    name = data.draw(st.sampled_from(sorted(tables)))
    row = data.draw(st.integers(0, len(tables[name]) - 1))
    column = data.draw(st.sampled_from(sorted(tables[name][row])))
    tables[name][row][column] = data.draw(
        st.sampled_from(["{}", "[{}]", "[{}:{}]", "a,{}", "[X:{},Y:b]"])
    ).replace("{}", "Qwertzxyz")
    imported = formats.read({key: table(rows) for key, rows in tables.items()}, "linkedin-zip")
    assert _is_told((name, row, column), "wertzxyz", imported), (name, column)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_any_member_added_anywhere_is_told(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SOURCES)))
    format, source = SOURCES[name]
    source = copy.deepcopy(source)
    objects = [at[:end] for at, _ in leaves(source) for end in range(1, len(at))]
    at = data.draw(st.sampled_from([place for place in objects if isinstance(_at(source, place), dict)]))
    _at(source, at)["novelty"] = data.draw(values)(WORD.format(0))
    imported = _read(source, format)
    if imported is None:
        return
    assert _is_told((*at, "novelty"), WORD.format(0), imported), (at, _told(imported))


def _read(source: Any, format: str) -> formats.Imported | None:
    """None if it was refused, which is no loss."""
    try:
        return formats.read(source, format)
    except Unreadable:
        return None


def _at(source: Any, at: tuple[str | int, ...]) -> Any:
    for part in at:
        source = source[part]
    return source
