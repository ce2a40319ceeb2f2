"""What the archive of a template may hold, and what its manifest must say."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processor_standins.archives import MANIFEST, zipped

from processor.uploads import archives
from processor.uploads.archives import TemplateRefused


def unpacked(files: dict[str, str | bytes], folder: Path) -> Any:
    return archives.unpack(archives.read(zipped(files)), folder / "template")


def test_a_folder_becomes_a_template(tmp_path: Path) -> None:
    template = unpacked({"mine/template.toml": MANIFEST, "mine/resume.typ": "= Hello"}, tmp_path)
    assert (template.id, template.kinds, list(template.options)) == ("mine", ("resume",), ["page", "accent"])
    assert template.options["accent"].label == "Accent colour", "the rest is the kit's"
    assert template.preview == archives.SAMPLE, "no path of theirs is ever read"
    assert (tmp_path / "template" / "resume.typ").read_text() == "= Hello"


@pytest.mark.parametrize(
    ("files", "path", "says"),
    [
        ({"resume.typ": ""}, "$", "must be one template.toml"),
        ({"a/template.toml": MANIFEST, "b/template.toml": MANIFEST}, "$", "there are 2"),
        ({"template.toml": MANIFEST, "run.py": ""}, '$["run.py"]', "have a use"),
        ({"template.toml": MANIFEST, "a\n.typ": ""}, '$["a\n.typ"]', "characters"),
        ({"template.toml": MANIFEST, "../x.typ": ""}, '$["../x.typ"]', "leads out"),
        ({"template.toml": "id = 1"}, "$.template.toml", "cannot be read"),
        ({"template.toml": "["}, "$.template.toml", "cannot be read"),
        ({"template.toml": b"\xff"}, '$["template.toml"]', "UTF-8"),
        ({"template.toml": MANIFEST, "a.typ": b"caf\xe9"}, '$["a.typ"]', "UTF-8"),
        ({"template.toml": MANIFEST, "a.svg": b"\0"}, '$["a.svg"]', "UTF-8"),
        ({"template.toml": MANIFEST, "a.typ": "", "a.typ/b.typ": ""}, '$["a.typ/b.typ"]', "a file too"),
        ({"template.toml": MANIFEST, f"{'a/' * 120}b.typ": ""}, f'$["{"a/" * 120}b.typ"]', "200 characters"),
        ({"template.toml": MANIFEST}, "$.template.toml.files.resume", "no file resume.typ at the top"),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(
    files: dict[str, str | bytes], path: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(TemplateRefused) as refusal:
        unpacked(files, tmp_path)
    assert refusal.value.errors[0].path == path
    assert says in refusal.value.errors[0].message


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('id = "mine"', 'id = "../mine"', "id"),
        ("version = 1", "version = 0", "version"),
        ("kit = 2", "kit = 99", ""),
        ("kit = 2", 'kit = "../../.."', ""),
        ('pages = ["a4"]', 'pages = ["a3"]', "pages"),
        ('name = "Mine"', 'name = ""', "name"),
        ('resume = "resume.typ"', 'invoice = "resume.typ"', "kinds"),
        ('resume = "resume.typ"', 'resume = "../classic/1/main.typ"', "files.resume"),
        ('default = "#123456"', 'default = "red"', "options.accent"),
        ('default = "#123456"', 'default = "red", type = "enum", values = ["red"]', "options.accent"),
        ('accent = { default = "#123456" }', "fit = {}", "options.fit"),
        ("page = {}", '"no name" = { type = "boolean", label = "", default = true }', "options.no name"),
        ("page = {}", 'n = { type = "number", label = "", default = inf }', ""),
        ("page = {}", 'n = { type = "number", label = "", default = 1, min = nan }', ""),
        ("page = {}", f'n = {{ type = "number", label = "", default = {10**400} }}', ""),
        ("page = {}", 'b = { type = "boolean", label = "\\u0000", default = true }', ""),
        ("[options]", "[fit]\nmin = 0\n[options]", "fit"),
    ],
)
def test_a_manifest_keeps_to_the_rules(old: str, new: str, path: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused) as refusal:
        unpacked({"template.toml": MANIFEST.replace(old, new), "resume.typ": ""}, tmp_path)
    assert refusal.value.errors[0].path == f"$.template.toml.{path}".rstrip(".")


def test_what_unpacks_to_more_than_it_may_is_refused() -> None:
    with pytest.raises(TemplateRefused, match="packed more than"):
        archives.read(zipped({"template.toml": MANIFEST, "a.typ": " " * 400_000}))
    with pytest.raises(TemplateRefused, match="more than 60 files"):
        archives.read(zipped({f"{n}.typ": "" for n in range(61)}))


@given(st.binary(max_size=400))
@settings(max_examples=50)
def test_any_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    with pytest.raises(TemplateRefused):
        archives.read(data)
