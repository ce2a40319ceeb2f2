"""Words as they are compared."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.search.folding import LONGEST_WORD, placed, sort_key, words

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ALPHABETS = st.text(
    st.sampled_from(
        "aZéÉß\u0131İŁ京アガ가กि\u0301\u3099\u093e\u200d\ufe0f🚀👩🏽ﬁ½+#_-.\"'¶\n\t \u00ad\u0640"
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Crème BRÛLÉE", ["creme", "brulee"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("İstanbul \u0131ss\u0131z", ["istanbul", "issiz"]),
        ("Ελλάς ΕΛΛΆΣ", ["ελλασ", "ελλασ"]),
        ("\uff46\uff55\uff4c\uff4c ①", ["full", "1"]),
        ("東京Tokyo", ["東", "京", "tokyo"]),
        ("が は", ["が", "は"]),
        ("C++, C# and a+b", ["c", "\N{HEAVY PLUS SIGN}", "\N{HEAVY PLUS SIGN}", "c", "⌗", "and", "a", "b"]),
        ("node.js e-mail snake_case", ["node", "js", "e", "mail", "snake", "case"]),
        ("co\u00adoperate", ["cooperate"]),
        ("🚀 rockets", ["🚀", "rockets"]),
        ("one\ntwo", ["one", "¶", "two"]),
        ("¶ \x00 \u2028 ...", []),
    ],
)
def test_words_are_spelt_alike(text: str, spelt: list[str]) -> None:
    assert words(text) == spelt


@given(TEXT | ALPHABETS)
def test_words_hold_nothing_that_an_index_or_a_query_would_read_otherwise(text: str) -> None:
    for word in words(text):
        assert word
        assert len(word) <= LONGEST_WORD
        assert all(c.isascii() is False or c.islower() or c.isdigit() for c in word), word


@given(ALPHABETS)
def test_forms_of_one_text_have_the_same_words(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


@given(TEXT | ALPHABETS)
def test_words_are_found_again_where_they_stand(text: str) -> None:
    line = " ".join(text.split())
    found = placed(line)
    if unicodedata.is_normalized("NFC", line):
        assert [word for word, _, _ in found] == words(line)
    assert all(0 <= start < end <= len(line) for _, start, end in found)
    assert [start for _, start, _ in found] == sorted(start for _, start, _ in found)


def test_titles_sort_without_case_and_diacritics() -> None:
    titles = ["Zoo", "émile", "Eve", "apple", "Äpfel", "ezra"]
    assert sorted(titles, key=sort_key) == ["Äpfel", "apple", "émile", "Eve", "ezra", "Zoo"]
    assert len(sort_key("\ufdfa" * 200)) == 200
