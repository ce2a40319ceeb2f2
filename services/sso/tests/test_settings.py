import base64

import pytest

from common.settings import SettingsError, load
from sso.settings import Settings

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
ENVIRON = {
    "RESUMAX_ENVIRONMENT": "production",
    "RESUMAX_PUBLIC_URL": "https://resumax.test",
    "RESUMAX_NATS_URL": "nats://nats:4222",
    "RESUMAX_S3_ENDPOINT": "http://s3:8333",
    "RESUMAX_S3_ACCESS_KEY": "access",
    "RESUMAX_S3_SECRET_KEY": "secret",
    **{
        f"RESUMAX_{name}_URL": f"http://{name.lower()}"
        for name in ("SSO", "API", "ACCOUNT", "ADMIN", "PROCESSOR")
    },
    "SSO_PORT": "8001",
    "SSO_DATABASE_URL": "sqlite+aiosqlite:////data/sso.sqlite3",
    "SSO_KEY_ENCRYPTION_KEY": KEY,
    "SSO_SERVICE_CLIENTS": '{"api": "s3cret"}',
}


def test_the_password_parameters_are_the_documented_ones() -> None:
    settings = load(Settings, "SSO", ENVIRON)
    assert (settings.argon2_memory_kib, settings.argon2_time, settings.argon2_parallelism) == (65536, 3, 4)
    assert settings.client_secrets == {"api": "s3cret"}
    assert "s3cret" not in repr(settings)
    assert KEY not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SSO_KEY_ENCRYPTION_KEY": f"dev-{KEY}"}, "development secret"),
        ({"SSO_SERVICE_CLIENTS": '{"api": "dev-x"}'}, "development secret"),
        ({"SSO_KEY_ENCRYPTION_KEY": "short"}, "SSO_KEY_ENCRYPTION_KEY"),
        ({"SSO_SERVICE_CLIENTS": "{"}, "SSO_SERVICE_CLIENTS"),
        ({"SSO_SERVICE_CLIENTS": '{"stranger": "x"}'}, "stranger"),
        (
            {"SSO_PROVIDERS": '{"acme": {"clientId": "us", "clientSecret": "s"}}'},
            "SSO_PROVIDERS: 'acme' needs",
        ),
        ({"SSO_PROVIDER_TIMEOUT": "0"}, "SSO_PROVIDER_TIMEOUT"),
        ({"SSO_ARGON2_MEMORY_KIB": "1024"}, "SSO_ARGON2_MEMORY_KIB"),
        ({"SSO_ARGON2_TIME": "1"}, "SSO_ARGON2_TIME"),
        ({"SSO_ACCESS_TOKEN_TTL": "86400"}, "SSO_ACCESS_TOKEN_TTL"),
        ({"SSO_PASSWORD_MIN_LENGTH": "8"}, "SSO_PASSWORD_MIN_LENGTH"),
        ({"SSO_BREACHED_PASSWORDS_URL": "api.example.org"}, "SSO_BREACHED_PASSWORDS_URL"),
        ({"SSO_LOCKOUT_AFTER": "0"}, "SSO_LOCKOUT_AFTER"),
        ({"SSO_SECURITY_EVENTS_KEPT_DAYS": "1"}, "SSO_SECURITY_EVENTS_KEPT_DAYS"),
        ({"RESUMAX_RATE_LIMITS": "off"}, "rate limits"),
    ],
)
def test_what_production_must_not_run_with_is_refused_by_name(changes: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(Settings, "SSO", ENVIRON | changes)
