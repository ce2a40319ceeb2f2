from processor.outlines.text import clean


def test_only_a_real_data_uri_is_left_out() -> None:
    words = "data: I led the data platform team. " * 10
    assert clean(words) == words.strip()
    assert clean("data:image/png;base64," + "QUJD" * 100) == ""
    assert clean("data:image/png, " + "and words " * 30) != ""
