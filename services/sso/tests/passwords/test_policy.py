"""Which passwords are accepted (SECURITY 1, 2)."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sso.passwords import common_passwords
from sso.passwords.common_passwords import is_common
from sso.passwords.policy import PasswordRefused, check

ADA = {"email": "ada.lovelace@example.org", "name": "Ada Lovelace", "min_length": 12}


@pytest.mark.parametrize(
    "password",
    [
        "ada.lovelace@example.org",
        "ADA.LOVELACE@EXAMPLE.ORG",
        "Ada Lovelace 123",
        "lovelacelovelace",
        "resumaxresumax1",
        "example-org-ada!",
        "\uff41\uff44\uff41lovelaceresumax",
    ],
)
def test_a_password_made_of_what_the_account_tells_is_refused(password: str) -> None:
    """SECURITY 2"""
    with pytest.raises(PasswordRefused) as refused:
        check(password, **ADA)  # type: ignore[arg-type]
    assert refused.value.reason == "personal"


@pytest.mark.parametrize(
    "password",
    [
        "1q2w3e4r5t6y",
        "1Q2W3E4R5T6Y",
        "\uff11q2w3e4r5t6y",
        "Password2024!",
        "!!!!letmein!!!!",
        "12345monkey678",
        "passwordpassword",
        "PasswordPassword1!",
        "dragondragondrag",
        "123456123456",
        "111111111111",
        "aaaaaaaaaaaaaaa",
    ],
)
def test_a_common_password_is_refused_also_with_what_people_put_around_it(password: str) -> None:
    """SECURITY 2"""
    with pytest.raises(PasswordRefused) as refused:
        check(password, **ADA)  # type: ignore[arg-type]
    assert refused.value.reason == "common"
    assert "tried first" in refused.value.detail


def test_the_list_of_common_passwords_has_at_least_ten_thousand() -> None:
    """SECURITY 2"""
    assert len(common_passwords._known()) >= 10_000


@pytest.mark.parametrize(
    "password",
    [
        "lovelace rides a bicycle",
        "correct horse battery",
        "password of the dragon",
        "пароль из нескольких слов",
        "9274 5528 1306 77",
    ],
)
def test_other_passwords_are_accepted_whatever_they_are_made_of(password: str) -> None:
    """SECURITY 1: no composition rules."""
    check(password, **ADA)  # type: ignore[arg-type]


@given(st.text(max_size=130))
def test_any_text_is_accepted_or_refused_with_its_reason(password: str) -> None:
    with suppress(PasswordRefused):
        check(password, **ADA)  # type: ignore[arg-type]
    assert is_common(password) in {True, False}


def test_the_least_length_is_a_setting_counted_after_normalising() -> None:
    """SECURITY 1"""
    with pytest.raises(PasswordRefused):
        check("fourteen chars", email="a@b.cd", name="A", min_length=15)
    with pytest.raises(PasswordRefused):
        check("e\u0301" * 11, email="a@b.cd", name="A", min_length=12)
