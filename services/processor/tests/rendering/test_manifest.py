"""Templates say what they are, and refuse options they cannot use by name."""

from typing import Any

import msgspec
import pytest

from processor.rendering import InvalidOption, Template, load_builtin, resolve_options
from processor.rendering.manifest import load


def test_the_catalogue_holds_every_built_in_template_by_id_and_version() -> None:
    catalogue = load_builtin()
    assert {("classic", 1), ("modern", 1), ("letter", 1)} <= set(catalogue)
    assert all((template.id, template.version) == key for key, template in catalogue.items())


def test_defaults_are_themselves_valid(template: Template) -> None:
    defaults = resolve_options(template, {})
    assert set(defaults) == set(template.options)
    assert resolve_options(template, defaults) == defaults
    assert tuple(template.options["page"].values) == template.pages


def test_what_is_given_replaces_the_default(template: Template) -> None:
    resolved = resolve_options(template, {"page": "us-letter", "size": 9, "hidden": ["awards"]})
    assert (resolved["page"], resolved["size"], resolved["hidden"]) == ("us-letter", 9, ["awards"])


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("colour", "#000000", "is unknown"),
        ("page", "a5", "must be one of: a4, us-letter"),
        ("page", 4, "must be one of"),
        ("accent", "red", "must be a colour like #1f4e79"),
        ("accent", "#12345", "must be a colour"),
        ("accent", None, "must be a colour"),
        ("size", "10", "must be a number"),
        ("size", True, "must be a number"),
        ("size", 200, "must be between 8 and 13"),
        ("size", float("nan"), "must be between"),
        ("order", "work", "must be a list of strings"),
        ("order", ["work", 1], "must be a list of strings"),
        ("hidden", ["x"] * 51, "must be between 0 and 50"),
    ],
)
def test_a_bad_option_is_named(template: Template, name: str, value: Any, reason: str) -> None:
    with pytest.raises(InvalidOption, match=f"Option '{name}' {reason}") as caught:
        resolve_options(template, {name: value})
    assert caught.value.option == name


def test_a_manifest_that_breaks_the_schema_is_refused(tmp_path: Any) -> None:
    (tmp_path / "template.toml").write_text('id = "x"\nversion = "one"\n')
    with pytest.raises(msgspec.ValidationError, match=r"version"):
        load(tmp_path)
