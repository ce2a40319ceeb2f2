"""Pages as SVG are safe to put into a page: what acts is refused, links that are no links lead nowhere."""

from pathlib import Path

import msgspec
import pytest
from processor_standins.engine import Engine

from processor.rendering import RenderFailed, Template
from processor.rendering.svg import made_safe

# SECURITY 25
START = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


@pytest.mark.parametrize(
    "hostile",
    [
        b"<script>alert(1)</script>",
        b"<SCRIPT>alert(1)</SCRIPT>",
        b"<script/>",
        b"<foreignObject><p/></foreignObject>",
        b'<animate attributeName="href" to="javascript:alert(1)"/>',
        b'<set attributeName="href" to="javascript:alert(1)"/>',
        b'<iframe src="https://evil.example"/>',
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b"<?xml-stylesheet href='https://evil.example'?>",
        b"<![CDATA[<script>]]>",
        b'<path onload="alert(1)"/>',
        b'<path d="M 0"\nONCLICK = "alert(1)"/>',
        b'<path/onclick="alert(1)"/>',
        b'<path d="M 0 0"/><path d="M 1 1" onclick="alert(1)"/>',
        b'<path d="M 0 0"/><script>alert(1)</script><path d="M 1 1"/>',
        b'<path d="M 0 0<script>alert(1)</script>',
        b'<g a="<path d=" onclick="alert(1)"/>',
        b"<g a='<path d=\"'><script>alert(1)</script><g b='\"'/>",
        b'<desc><title><path d="</title><script>alert(1)</script>"</title></desc>',
        b'<g a="<path d="><style>@import url(x);</style><g b=""/>',
        b"<style>@import 'https://evil.example'</style>",
        b'<path style="fill: url(https://evil.example)"/>',
    ],
)
def test_what_acts_is_refused(hostile: bytes) -> None:
    with pytest.raises(RenderFailed, match="drawing"):
        made_safe(START + hostile + b"</svg>")


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        (b"https://example.org/?onload=1", True),
        (b"HTTP://example.org", True),
        (b"mailto:ada@example.org", True),
        (b"tel:+441234", True),
        (b"#g1", True),
        (b"data:image/png;base64,AA", True),
        (b"javascript:alert(1)", False),
        (b"JaVaScript:alert(1)", False),
        (b" javascript:alert(1)", False),
        (b"java&#9;script:alert(1)", False),
        (b"data:text/html,x", False),
        (b"data:image/svg+xml,<svg/>"[:19], False),
        (b"vbscript:x", False),
        (b"file:///etc/passwd", False),
        (b"//evil.example", False),
        (b"/relative", False),
    ],
)
def test_links_lead_to_the_web_to_mail_or_a_telephone(target: bytes, kept: bool) -> None:
    for name in (b"href", b"xlink:href"):
        link = b"<a " + name + b'="' + target + b'">'
        safe = made_safe(START + link + b"</a></svg>")
        assert (link in safe) is kept
        assert (b"<a " + name + b'="#">' in safe) is not kept


@pytest.mark.parametrize(
    "hostile",
    [
        b'<a href="https://e.example/<path d=" xlink:href="javascript:alert(1)"></a>',
        b'<a href="https://e.example/<path d="><a href="javascript:alert(1)"><rect width="9"/></a></a>',
    ],
)
def test_a_link_does_not_hide_behind_what_seems_to_be_an_outline(hostile: bytes) -> None:
    assert b"javascript" not in made_safe(START + hostile + b"</svg>")


async def test_a_template_cannot_put_a_script_behind_a_link(
    engine: Engine, classic: Template, tmp_path: Path
) -> None:
    picture = (
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script><rect width='9' height='9'/></svg>"
    )
    (tmp_path / "main.typ").write_text(
        '#link("javascript:alert(1)")[a] #link("https://example.org/x")[b] '
        f'#image(bytes("{picture}"), format: "svg")'
    )
    template = msgspec.structs.replace(classic, folder=tmp_path)
    (page,) = await engine.pages(template, {}, {})
    assert b"javascript" not in page
    assert b"<script" not in page
    assert b'href="https://example.org/x"' in page


async def test_every_usual_page_is_a_drawing(engine: Engine, template: Template) -> None:
    pages = await engine.pages(template, template.sample, {})
    assert all(b"href=" in page and b"fill-rule" not in page for page in pages)
