"""PDFs of Chromium are taken apart and put together again without harm, or not at all."""

import zlib

import pytest

from processor.rendering.html.fonttables import FontTable
from processor.rendering.html.objects import Objects
from processor.rendering.html.runs import put_together

FONT = FontTable({1: 500, 2: 250, 3: 0}, 1000, {1: "a", 2: "b", 3: "\u0902"})


def file_of(*bodies: bytes) -> bytes:
    parts, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(parts))
        parts += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    end = b"trailer\n<</Size %d\n/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(parts))
    return parts + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def test_a_file_comes_out_as_it_went_in() -> None:
    packed = zlib.compress(b"endobj inside")
    stream = b"<</Filter /FlateDecode\n/Length %d>> stream\n%b\nendstream" % (len(packed), packed)
    file = file_of(b"<</Type /Catalog>>", stream)
    objects = Objects.read(file)
    assert objects.write() == file
    assert objects.stream(2) == b"endobj inside"
    objects.set_stream(2, b"longer than it was")
    assert objects.add(b"<</New true>>") == 3
    again = Objects.read(objects.write())
    assert again.stream(2) == b"longer than it was"
    assert again[3] == b"<</New true>>"
    assert again.trailer_reference(b"Root") == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"%PDF-1.4",
        file_of(b"x")[:-30],
        file_of(b"x").replace(b"endobj", b"endxxx"),
        b"x" + file_of(b"y"),
    ],
)
def test_a_file_of_another_kind_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="objects"):
        Objects.read(broken)


def put(text: bytes) -> bytes:
    return put_together(b"q\nBT\n" + text + b"ET\nQ\n", lambda _: FONT)


def test_letters_become_one_run_with_what_is_between_them() -> None:
    letters = b"/F4 10 Tf\n1 0 0 -1 50 60 Tm\n<0001> Tj\n5 0 Td <0002> Tj\n3 0 Td <0001> Tj\n"
    assert put(letters) == b"q\nBT\n/F4 10 Tf\n1 0 0 -1 50 60 Tm\n[<00010002> -50 <0001>] TJ\nET\nQ\n"


def test_a_run_ends_where_the_line_or_the_font_does() -> None:
    letters = b"/F4 10 Tf\n1 0 0 -1 0 0 Tm\n<0001> Tj\n5 2 Td <0001> Tj\n/F5 10 Tf\n5 0 Td <0001> Tj\n"
    made = put(letters)
    assert made.count(b"TJ") == 3
    assert b"5 2 Td [<0001>] TJ\n/F5 10 Tf\n5 0 Td [<0001>] TJ" in made


def test_a_syllable_of_several_glyphs_is_read_with_its_word() -> None:
    word = (
        b"/F4 10 Tf\n1 0 0 -1 0 0 Tm\n/Span<</ActualText <FEFF00610902> >> BDC\n<0001> Tj\n5 0 Td <0003> Tj\nEMC\n"
        b"-.0012 0 Td <0002> Tj\n"
    )
    made = put(word)
    assert b"/Span <</ActualText <FEFF006109020062> >> BDC\n" in made
    assert made.count(b"BDC") == made.count(b"EMC") == made.count(b"TJ") == 1


def test_runs_from_right_to_left_keep_their_marks() -> None:
    word = b"/ReversedChars BMC\n/F4 10 Tf\n1 0 0 -1 0 0 Tm\n<0001> Tj\n5 0 Td <0002> Tj\nEMC\n"
    assert (
        put(word) == b"q\nBT\n/ReversedChars BMC\n/F4 10 Tf\n1 0 0 -1 0 0 Tm\n[<00010002>] TJ\nEMC\nET\nQ\n"
    )
