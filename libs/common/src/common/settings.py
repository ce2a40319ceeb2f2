"""Settings: read once from the environment into a frozen Struct, with every mistake named in one message.

A field `database_url` of the service `api` is read from `API_DATABASE_URL`; a field of `SharedSettings` from
`RESUMAX_…`, unless the service's own prefix is set too, which wins. `NAME_FILE` names a file that holds the value.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

DEVELOPMENT_MARK = "dev-"
"""Secrets that `make up` makes begin with this, so that they can be told from real ones."""


# The user and password of a URL; greedy, because a password may have an `@` that nobody escaped.
_USERINFO = re.compile(r"(?<=://)\S*@")
_MASK = "********"


class SettingsError(Exception):
    """The environment cannot be used; the message names each variable and what is wrong with it."""


class Secret:
    """A value that never shows itself: not in a repr, a log line or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret('{_MASK}')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class SharedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service is told. Times in seconds, sizes in bytes."""

    environment: Literal["development", "test", "production"] = "production"
    public_url: str
    nats_url: str
    s3_endpoint: str
    s3_public_url: str = ""
    s3_access_key: Secret
    s3_secret_key: Secret
    s3_region: str = "us-east-1"
    sso_url: str
    api_url: str
    account_url: str
    admin_url: str
    processor_url: str
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    trusted_proxies: list[str] = []
    cors_origins: list[str] = []
    rate_limits: dict[str, Any] | Literal["off"] = {}
    shutdown_grace: float = 20.0
    body_limit: int = 1 << 20

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What is shown of each field: of a URL not who signs in there."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, _USERINFO.sub(f"{_MASK}@", v) if isinstance(v, str) else v) for name, v in values]

    @property
    def issuer(self) -> str:
        """The `iss` of every token: the public address, with no slash at its end."""
        return self.public_url.rstrip("/")

    @property
    def s3_browser_url(self) -> str:
        """The address that presigned URLs carry: what a browser reaches, not what a service does."""
        return self.s3_public_url or self.s3_endpoint


class ServiceSettings(SharedSettings, frozen=True, kw_only=True):
    """What each service adds under its own prefix."""

    host: str = "127.0.0.1"
    port: int
    database_url: str
    client_secret: Secret | None = None


S = TypeVar("S", bound=ServiceSettings)


def load(kind: type[S], prefix: str, environ: Mapping[str, str]) -> S:
    """Settings of `kind` from `environ`. Raises SettingsError naming every variable that is missing or wrong."""
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for field in msgspec.structs.fields(kind):
        shared = field.name in SharedSettings.__struct_fields__
        names = [f"{prefix}_{field.name.upper()}"] + ([f"RESUMAX_{field.name.upper()}"] if shared else [])
        try:
            found = _find(names, environ)
            if found is not None:
                values[field.name] = _convert(found, field.type)
            elif field.required:
                mistakes.append(f"{names[-1]} is not set")
        except (OSError, ValueError) as error:
            mistakes.append(f"{names[-1]}: {error}")
    if not mistakes:
        settings = kind(**values)
        mistakes = _refusals(settings)
        if not mistakes:
            return settings
    raise SettingsError("; ".join(mistakes))


def _find(names: list[str], environ: Mapping[str, str]) -> str | None:
    for name in names:
        if path := environ.get(f"{name}_FILE"):
            return Path(path).read_text().strip()
        if name in environ:
            return environ[name]
    return None


def _convert(text: str, wanted: Any) -> Any:
    """`text` as the type of a field: plain scalars as they stand, lists by comma, everything else as JSON."""
    if wanted is str:
        return text
    if wanted is Secret or Secret in getattr(wanted, "__args__", ()):
        return Secret(text)
    if wanted == list[str]:
        return [part.strip() for part in text.split(",") if part.strip()]
    if text[:1] in "{[":
        return msgspec.json.decode(text, type=wanted)
    return msgspec.convert(text, wanted, strict=False)


def _refusals(settings: ServiceSettings) -> list[str]:
    """What production must not run with (SECURITY 29)."""
    if settings.environment != "production":
        return []
    refusals = []
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if any(secret.startswith(DEVELOPMENT_MARK) for secret in _secrets_in(value)):
            refusals.append(f"{name} is a development secret, which production refuses")
    if settings.rate_limits == "off":
        refusals.append("rate limits cannot be off in production")
    return refusals


def _secrets_in(value: Any) -> Iterator[str]:
    """The secrets themselves: the passwords of URLs, each value of a JSON object, any other Secret as it is."""
    text = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(text, str):
        return
    if "://" in text:
        yield urlsplit(text).password or ""
    elif isinstance(value, Secret):
        yield from _json_values(text) if text.startswith("{") else [text]


def _json_values(text: str) -> list[str]:
    try:
        return [str(value) for value in msgspec.json.decode(text, type=dict[str, Any]).values()]
    except msgspec.DecodeError:
        return [text]
