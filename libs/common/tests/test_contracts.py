"""What was once sent is understood for ever: each contract has a golden document here that must decode.

A golden document is never edited once released; a field that a contract gains needs a default, and gets a document of
its own, with the next number.
"""

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common import contracts

GOLDEN = Path(__file__).parent / "golden"


def structs() -> dict[str, type[msgspec.Struct]]:
    """Every Struct that the contracts define, by its name."""
    found = {}
    for module in pkgutil.iter_modules(contracts.__path__, f"{contracts.__name__}."):
        for name, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(kind, msgspec.Struct) and kind.__module__ == module.name:
                found[name] = kind
    return found


STRUCTS = structs()
DOCUMENTS = sorted(path.name for path in GOLDEN.glob("*.json"))


def kind_of(document: str) -> type[msgspec.Struct]:
    return STRUCTS[document.split(".", 1)[0]]


def test_every_contract_has_its_golden_document() -> None:
    assert {document.split(".", 1)[0] for document in DOCUMENTS} == set(STRUCTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_golden_document_decodes_and_nothing_of_it_is_lost(document: str) -> None:
    raw = (GOLDEN / document).read_bytes()
    decoded = msgspec.json.decode(raw, type=kind_of(document))
    again = msgspec.json.decode(msgspec.json.encode(decoded))
    golden = msgspec.json.decode(raw)
    assert {name: again[name] for name in golden} == golden


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_newer_sender_is_understood(document: str) -> None:
    """Two releases run side by side during a rollout: what the newer one adds, the older one overlooks."""
    golden: dict[str, Any] = msgspec.json.decode((GOLDEN / document).read_bytes())
    newer = msgspec.json.encode(golden | {"addedByALaterRelease": {"any": ["thing"]}})
    assert msgspec.json.decode(newer, type=kind_of(document)) == msgspec.convert(golden, kind_of(document))


@pytest.mark.parametrize("name", STRUCTS)
def test_the_newest_document_holds_every_field(name: str) -> None:
    newest = max(GOLDEN.glob(f"{name}.*.json"), key=lambda path: int(path.name.split(".")[1]))
    golden = msgspec.json.decode(newest.read_bytes())
    assert set(golden) == set(STRUCTS[name].__struct_encode_fields__)


@pytest.mark.parametrize("name", STRUCTS)
def test_contracts_are_frozen_and_in_camel_case(name: str) -> None:
    kind = STRUCTS[name]
    assert kind.__struct_config__.frozen
    assert all("_" not in field for field in kind.__struct_encode_fields__)
