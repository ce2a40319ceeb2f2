import pytest

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
    with pytest.raises(PasswordRefused):
        check(password, **ADA)  # type: ignore[arg-type]


@pytest.mark.parametrize("password", ["lovelace rides a bicycle", "correct horse battery", "1" * 12])
def test_other_passwords_are_accepted(password: str) -> None:
    check(password, **ADA)  # type: ignore[arg-type]


def test_the_least_length_is_a_setting_counted_after_normalising() -> None:
    with pytest.raises(PasswordRefused):
        check("fourteen chars", email="a@b.cd", name="A", min_length=15)
    with pytest.raises(PasswordRefused):
        check("e\u0301" * 11, email="a@b.cd", name="A", min_length=12)
