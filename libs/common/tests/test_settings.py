"""Settings say everything that is wrong at once, and secrets never show themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.settings import Secret, ServiceSettings, SettingsError, load


class Settings(ServiceSettings, frozen=True, kw_only=True):
    mail_from: str = "nobody@localhost"
    workers: int = 2
    clients: dict[str, str] | None = None


GOOD = {
    "RESUMAX_ENVIRONMENT": "test",
    "RESUMAX_PUBLIC_URL": "https://resumes.example/",
    "RESUMAX_NATS_URL": "nats://nats:4222",
    "RESUMAX_S3_ENDPOINT": "http://s3:8333",
    "RESUMAX_S3_ACCESS_KEY": "key-of-the-bucket",
    "RESUMAX_S3_SECRET_KEY": "hush-hush",
    **{f"RESUMAX_{s}_URL": f"http://{s.lower()}" for s in ("SSO", "API", "ACCOUNT", "ADMIN", "PROCESSOR")},
    "API_PORT": "8002",
    "API_DATABASE_URL": "sqlite+aiosqlite:///x.sqlite3",
}


def test_settings_come_from_the_environment_in_their_types() -> None:
    changes = {
        "RESUMAX_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1/32,",
        "RESUMAX_RATE_LIMITS": '{"*": {"count": 5, "window": 60}}',
        "RESUMAX_SHUTDOWN_GRACE": "2.5",
        "API_CLIENTS": '{"a": "b"}',
    }
    settings = load(Settings, "API", GOOD | changes)
    assert (settings.port, settings.workers, settings.shutdown_grace) == (8002, 2, 2.5)
    assert settings.trusted_proxies == ["10.0.0.0/8", "127.0.0.1/32"]
    assert settings.rate_limits == {"*": {"count": 5, "window": 60}}
    assert settings.clients == {"a": "b"}
    assert settings.issuer == "https://resumes.example"
    assert settings.s3_secret_key == Secret("hush-hush")


def test_the_prefix_of_the_service_wins_over_what_all_share() -> None:
    settings = load(Settings, "API", GOOD | {"API_LOG_LEVEL": "debug", "RESUMAX_LOG_LEVEL": "error"})
    assert settings.log_level == "debug"


def test_what_belongs_to_one_service_is_not_read_from_what_all_share() -> None:
    assert load(Settings, "API", GOOD | {"RESUMAX_WORKERS": "9"}).workers == 2


def test_everything_that_is_missing_or_wrong_is_named_in_one_message() -> None:
    environ = {k: v for k, v in GOOD.items() if k not in {"RESUMAX_NATS_URL", "API_DATABASE_URL"}}
    environ |= {"API_PORT": "a lot", "RESUMAX_LOG_LEVEL": "loud", "API_CLIENTS": "{not json"}
    with pytest.raises(SettingsError) as raised:
        load(Settings, "API", environ)
    for name in (
        "RESUMAX_NATS_URL is not set",
        "API_DATABASE_URL is not set",
        "API_PORT:",
        "RESUMAX_LOG_LEVEL:",
        "API_CLIENTS:",
    ):
        assert name in str(raised.value)


def test_a_value_may_be_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "s3-secret"
    secret.write_text("from-the-file\n")
    environ = {k: v for k, v in GOOD.items() if k != "RESUMAX_S3_SECRET_KEY"}
    settings = load(Settings, "API", environ | {"RESUMAX_S3_SECRET_KEY_FILE": str(secret)})
    assert settings.s3_secret_key.reveal() == "from-the-file"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    environ = GOOD | {"RESUMAX_S3_SECRET_KEY_FILE": str(tmp_path / "nowhere")}
    with pytest.raises(SettingsError, match=r"RESUMAX_S3_SECRET_KEY: .*nowhere"):
        load(Settings, "API", environ)


LOGS_A_CRASH = """
import os, structlog
from common import log, settings
loaded = settings.load(settings.ServiceSettings, "API", os.environ)
log.configure("api", "info")
try:
    raise RuntimeError(loaded.s3_secret_key)
except RuntimeError as error:
    structlog.get_logger().error("crashed", settings=loaded, secret=loaded.s3_secret_key, exc_info=error)
print(loaded, repr(loaded.s3_secret_key), f"{loaded.s3_secret_key}", [loaded.s3_secret_key])
raise RuntimeError(loaded)
"""


def test_a_secret_shows_itself_in_no_log_line_text_or_traceback() -> None:
    command = [sys.executable, "-c", LOGS_A_CRASH]
    ran = subprocess.run(command, env=os.environ | GOOD, capture_output=True, check=False)
    assert ran.returncode == 1
    assert b"********" in ran.stdout
    assert b"RuntimeError: ServiceSettings(" in ran.stderr
    line = json.loads(ran.stdout.splitlines()[0])
    assert (line["event"], line["exception"][0]["exc_type"]) == ("crashed", "RuntimeError")
    assert b"hush-hush" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("password", ["hush-hush", "hush@hush", "hu,sh-hush", "hush%2Fhush"])
def test_the_password_of_a_url_is_not_shown(password: str) -> None:
    urls = {
        "RESUMAX_NATS_URL": f"nats://api:{password}@one:4222,nats://api:{password}@two:4222",
        "API_DATABASE_URL": f"postgresql+asyncpg://api:{password}@db/api",
    }
    settings = load(Settings, "API", GOOD | urls)
    for text in (repr(settings), str(settings), f"{settings}", repr(settings.__rich_repr__())):
        assert password not in text
        assert "sh-hush" not in text
        assert "********@db/api" in text
    assert settings.database_url == urls["API_DATABASE_URL"]


def test_secrets_are_compared_by_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("a") != "a"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RESUMAX_S3_SECRET_KEY": "dev-hush"}, "s3_secret_key is a development secret"),
        ({"API_CLIENT_SECRET": "dev-hush"}, "client_secret is a development secret"),
        (
            {"API_CLIENT_SECRET": '{"one": "mine", "other": "dev-hush"}'},
            "client_secret is a development secret",
        ),
        ({"API_CLIENT_SECRET": "smtp://mail:dev-hush@mail.example"}, "client_secret is a development secret"),
        (
            {"API_DATABASE_URL": "postgresql+asyncpg://api:dev-x@db/api"},
            "database_url is a development secret",
        ),
        ({"RESUMAX_RATE_LIMITS": "off"}, "rate limits cannot be off"),
    ],
)
# SECURITY 29
def test_production_refuses_what_is_for_development(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(Settings, "API", GOOD | {"RESUMAX_ENVIRONMENT": "production"} | changes)
    load(Settings, "API", GOOD | {"RESUMAX_ENVIRONMENT": "development"} | changes)


@pytest.mark.parametrize(
    "secret",
    [
        "smtp://mail.dev-ops.example",
        "smtp://dev-ops:mine@mail.example",
        "mine-dev-1",
        '{"dev-ops": "mine"}',
        "{not-json-dev-",
    ],
)
def test_production_takes_secrets_that_have_the_mark_by_chance(secret: str) -> None:
    environ = GOOD | {"RESUMAX_ENVIRONMENT": "production", "API_CLIENT_SECRET": secret}
    assert load(Settings, "API", environ).client_secret == Secret(secret)


def test_an_environment_that_says_nothing_is_production() -> None:
    environ = {k: v for k, v in GOOD.items() if k != "RESUMAX_ENVIRONMENT"}
    assert load(Settings, "API", environ).environment == "production"
    with pytest.raises(SettingsError):
        load(Settings, "API", environ | {"RESUMAX_RATE_LIMITS": "off"})


def test_production_names_every_reason_at_once() -> None:
    bad = {
        "RESUMAX_ENVIRONMENT": "production",
        "RESUMAX_S3_SECRET_KEY": "dev-1",
        "RESUMAX_S3_ACCESS_KEY": "dev-2",
    }
    with pytest.raises(SettingsError) as raised:
        load(Settings, "API", GOOD | bad)
    assert "s3_secret_key" in str(raised.value)
    assert "s3_access_key" in str(raised.value)
    assert "dev-1" not in str(raised.value)


def test_a_secret_that_looks_like_json_is_taken_as_it_is() -> None:
    class Odd(Settings, frozen=True, kw_only=True):
        pin: Secret | None = None

    settings = load(Odd, "API", GOOD | {"API_PIN": "{1234"})
    assert settings.pin == Secret("{1234")
