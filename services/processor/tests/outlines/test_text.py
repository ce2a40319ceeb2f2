import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.outlines.text import clean, short_address


@given(st.text(st.characters() | st.sampled_from("ab  \t\n\u00a0\u2028\u200b\u200d\u00ad"), max_size=12))
def test_a_text_is_the_same_whether_or_not_something_was_taken_out_of_it(written: str) -> None:
    """A text that has nothing to be taken out, which is quick to see, is one that comes out as it went in otherwise."""
    assert clean(written) == clean(written + "\u200b") == clean("\u00ad" + written)


def test_only_a_real_data_uri_is_left_out() -> None:
    words = "data: I led the data platform team. " * 10
    assert clean(words) == words.strip()
    assert clean("data:image/png;base64," + "QUJD" * 100) == ""
    assert clean("data:image/png, " + "and words " * 30) != ""


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("https://www.example.org/", "example.org"),
        ("http://example.org/a/b/", "example.org/a/b"),
        ("HTTPS://WWW.example.org", "example.org"),
        ("www.example.org?q=1", "example.org?q=1"),
        ("wwwide.example", "wwwide.example"),
        ("https://", "https://"),
        ("ada@example.org", "ada@example.org"),
        ("", ""),
    ],
)
def test_an_address_is_short_without_what_all_have(address: str, short: str) -> None:
    assert short_address(address) == short


def test_signs_that_turn_the_direction_are_no_text_but_marks_of_it_are() -> None:
    assert clean("a\u202eb\u202cc\u2066d\u2069e\u202a\u202b\u202d\u2067\u2068") == "abcde"
    assert clean("a\u200eb\u200fc\u200dd\u061ce") == "a\u200eb\u200fc\u200dd\u061ce"
