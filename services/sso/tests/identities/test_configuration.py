"""`SSO_PROVIDERS`: what is taken, and what is said of the rest."""

from typing import Any

import msgspec
import pytest

from common.settings import SettingsError
from sso.identities.configuration import ProviderSettings, parse

US = {"clientId": "us", "clientSecret": "s3cret-of-us"}
ACME = {"kind": "oidc", "name": "Acme", "issuer": "https://acme.test", **US}


def parsed(providers: Any, *, is_production: bool = True) -> dict[str, ProviderSettings]:
    text = msgspec.json.encode(providers).decode()
    return {found.id: found for found in parse(text, is_production=is_production)}


def test_the_known_ones_need_nothing_but_our_id_and_secret() -> None:
    found = parsed(dict.fromkeys(("google", "github", "linkedin"), US))
    assert [provider.name for provider in found.values()] == ["Google", "GitHub", "LinkedIn"]
    google, github, linkedin = found.values()
    assert (google.issuer, google.pkce, google.nonce) == ("https://accounts.google.com", True, True)
    assert (github.issuer, github.api_url) == ("https://github.com", "https://api.github.com")
    assert github.scopes == ("read:user", "user:email")
    assert (linkedin.issuer, linkedin.auth_method) == ("https://www.linkedin.com/oauth", "client_secret_post")
    assert (linkedin.pkce, linkedin.nonce) == (False, False)


def test_any_number_of_others_can_be_named() -> None:
    found = parsed(
        {"acme": ACME, "my-own-2": ACME | {"scopes": ["email"], "authMethod": "client_secret_post"}}
    )
    assert found["acme"].scopes == ("openid", "email", "profile")
    assert found["my-own-2"].scopes == ("openid", "email")
    assert found["my-own-2"].auth_method == "client_secret_post"


def test_github_enterprise_has_its_api_under_its_own_host() -> None:
    issuer = "https://ghe.acme.test"
    found = parsed({"ghe": {"kind": "github", "name": "Acme's GitHub", "issuer": issuer, **US}})
    assert found["ghe"].api_url == "https://ghe.acme.test/api/v3"
    other = parsed({"github": US | {"issuer": issuer, "apiUrl": "https://api.acme.test"}})
    assert other["github"].api_url == "https://api.acme.test"


def test_http_will_do_on_this_machine_and_outside_production() -> None:
    for issuer in ("http://localhost:9000", "http://127.0.0.1:9000/realms/x", "http://[::1]:9000"):
        assert parsed({"acme": ACME | {"issuer": issuer}})
    inside = {"acme": ACME | {"issuer": "http://keycloak:8080/realms/x"}}
    assert parsed(inside, is_production=False)
    with pytest.raises(SettingsError, match="not https"):
        parsed(inside)


@pytest.mark.parametrize("text", ["", " ", "{}"])
def test_there_may_be_none(text: str) -> None:
    assert parse(text, is_production=True) == []


def test_secrets_show_themselves_nowhere() -> None:
    assert "s3cret" not in repr(parsed({"acme": ACME}))


@pytest.mark.parametrize(
    ("providers", "says"),
    [
        ("{", "SSO_PROVIDERS"),
        ("[]", "SSO_PROVIDERS"),
        ('{"acme": null}', r"\$\[...\]"),
        ({"google": {"clientId": "us"}}, "clientSecret"),
        ({"google": {"clientSecret": "s3cret-of-us"}}, "clientId"),
        ({"google": US | {"clientSecret": ""}}, "clientSecret"),
        ({"google": US | {"clientSecret": 7}}, "clientSecret"),
        ({"google": US | {"clientId": ""}}, "clientId"),
        ({"google": US | {"client_id": "x"}}, "client_id"),
        ({"acme": US}, "'acme' needs a kind"),
        ({"acme": US | {"kind": "saml"}}, "kind"),
        ({"acme": US | {"kind": "oidc"}}, "'acme' needs its name and issuer"),
        ({"acme": ACME | {"issuer": "acme.test"}}, "is no URL"),
        ({"acme": ACME | {"issuer": "https://"}}, "is no URL"),
        ({"acme": ACME | {"issuer": "https://acme.test:x"}}, "is no URL"),
        ({"acme": ACME | {"issuer": "https://acme .test"}}, "is no URL"),
        ({"acme": ACME | {"issuer": "ftp://acme.test"}}, "is no URL"),
        ({"acme": ACME | {"issuer": "http://acme.test"}}, "not https"),
        ({"acme": ACME | {"issuer": "https://user:s3cret@acme.test"}}, "has a user"),
        ({"acme": ACME | {"issuer": "https://acme.test/?x"}}, "has a query"),
        ({"acme": ACME | {"issuer": "https://acme.test/#x"}}, "fragment"),
        ({"github": US | {"apiUrl": "http://api.acme.test"}}, "apiUrl that is not https"),
        ({"acme": ACME | {"scopes": ["a b"]}}, "a scope that is none"),
        ({"acme": ACME | {"authMethod": "none"}}, "authMethod"),
        ({"Acme": ACME}, "'Acme' is no id"),
        ({"a/b": ACME}, "is no id"),
        ({"": ACME}, "is no id"),
        ({"a": ACME, "b": US, "C": ACME}, "'b' needs a kind.*'C' is no id"),
    ],
)
def test_a_mistake_is_named_without_quoting_a_secret(providers: Any, says: str) -> None:
    text = providers if isinstance(providers, str) else msgspec.json.encode(providers).decode()
    with pytest.raises(SettingsError, match=says) as refused:
        parse(text, is_production=True)
    assert "s3cret" not in str(refused.value)
