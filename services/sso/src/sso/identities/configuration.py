"""Which other providers people can sign in with: `SSO_PROVIDERS`, read and checked when the service starts.

`{"google": {"clientId": …, "clientSecret": …}, "acme": {"kind": "oidc", "name": "Acme", "issuer": "https://…", …}}`
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from common.settings import Secret, SettingsError

Kind = Literal["google", "github", "linkedin", "oidc"]
AuthMethod = Literal["client_secret_basic", "client_secret_post"]

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3
_LONGEST_ISSUER = 255
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
GITHUB = "https://github.com"


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. `issuer` is the address of an OpenID provider, or that of GitHub itself; `api_url` GitHub's API.

    `pkce` and `nonce` are false for the few that cannot have them: LinkedIn refuses a token request with a
    `code_verifier`, and its ID tokens have no nonce. Those rest on the state that is bound to the browser.
    """

    id: str
    kind: Kind
    name: str
    issuer: str
    client_id: str
    client_secret: Secret
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    auth_method: AuthMethod | None = None
    pkce: bool = True
    nonce: bool = True
    api_url: str = ""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """An entry of the setting. What is left out is as the kind has it."""

    client_id: Annotated[str, Meta(min_length=1, max_length=500)]
    client_secret: Secret
    kind: Kind | None = None
    name: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    issuer: Annotated[str, Meta(max_length=_LONGEST_ISSUER)] | None = None
    api_url: str | None = None
    scopes: tuple[str, ...] | None = None
    auth_method: AuthMethod | None = None
    pkce: bool | None = None
    nonce: bool | None = None


_KINDS: Mapping[str, Mapping[str, Any]] = {
    "google": {"name": "Google", "issuer": "https://accounts.google.com"},
    "linkedin": {
        "name": "LinkedIn",
        "issuer": "https://www.linkedin.com/oauth",
        "auth_method": "client_secret_post",
        "pkce": False,
        "nonce": False,
    },
    "github": {"name": "GitHub", "issuer": GITHUB, "scopes": ("read:user", "user:email"), "nonce": False},
    "oidc": {},
}


def parse(text: str, *, is_production: bool) -> list[ProviderSettings]:
    """The providers of `SSO_PROVIDERS`. Raises SettingsError, which says what is wrong and quotes no secret."""
    try:
        entries = msgspec.json.decode(text.strip() or "{}", type=dict[str, _Entry], dec_hook=_secret)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SettingsError(f"SSO_PROVIDERS: {error}") from None
    mistakes: list[str] = []
    found = []
    for provider_id, entry in entries.items():
        provider = _resolved(provider_id, entry)
        wrong = list(_mistakes(provider_id, entry, provider, is_production=is_production))
        mistakes += [f"SSO_PROVIDERS: {provider_id!r} {mistake}" for mistake in wrong]
        if provider is not None:
            found.append(provider)
    if mistakes:
        raise SettingsError("; ".join(mistakes))
    return found


def _secret(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str) and value:
        return Secret(value)
    raise ValueError("Expected a `str` that is not empty")


def _resolved(provider_id: str, entry: _Entry) -> ProviderSettings | None:
    """`entry` over the defaults of its kind; None while it lacks its kind, name or issuer."""
    kind = entry.kind or (provider_id if provider_id in _KINDS else None)
    if kind is None:
        return None
    given = {name: value for name, value in msgspec.structs.asdict(entry).items() if value is not None}
    values = {**_KINDS[kind], **given, "kind": kind}
    if "name" not in values or "issuer" not in values:
        return None
    values["scopes"] = _scopes(kind, values.get("scopes"))
    if kind == "github":
        values.setdefault("api_url", _github_api(values["issuer"]))
    return ProviderSettings(id=provider_id, **values)


def _scopes(kind: str, given: tuple[str, ...] | None) -> tuple[str, ...]:
    """Without `openid` there would be no ID token (OpenID Connect Core section 3.1.2.1)."""
    scopes = ("openid", "email", "profile") if given is None else given
    return scopes if kind == "github" or "openid" in scopes else ("openid", *scopes)


def _github_api(issuer: str) -> str:
    """Where the API is: of GitHub Enterprise Server under the same host."""
    return "https://api.github.com" if issuer == GITHUB else f"{issuer.rstrip('/')}/api/v3"


def _mistakes(
    provider_id: str, entry: _Entry, provider: ProviderSettings | None, *, is_production: bool
) -> Iterator[str]:
    if not _ID.fullmatch(provider_id):
        yield "is no id: lower case letters, digits and hyphens are"
    if provider is None:
        missing = "a kind (oidc, google, github or linkedin)" if entry.kind is None else "its name and issuer"
        yield f"needs {missing}"
        return
    if not all(_SCOPE.fullmatch(scope) for scope in provider.scopes):
        yield "has a scope that is none"
    for field, url in (("issuer", provider.issuer), ("apiUrl", provider.api_url or provider.issuer)):
        if mistake := url_mistake(url, allows_http=not is_production) or (
            "has a query" if "?" in url else ""
        ):
            yield f"has an {field} that {mistake}"


def url_mistake(url: str, *, allows_http: bool) -> str:
    """What is wrong with the address of a provider, if anything: https is wanted, on this machine http will do."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in {"https", "http"} or not host or re.search(r"[\x00-\x20\x7f\\]", url):
        return "is no URL"
    if parts.username is not None or parts.fragment:
        return "has a user or a fragment"
    if parts.scheme == "http" and not (allows_http or host in _LOOPBACK):
        return "is not https"
    return ""
