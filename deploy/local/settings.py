"""What each component is told: random secrets made once, and addresses worked out anew at every start."""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from deploy.local.data import DataFolder, write_whole
from deploy.local.install import VENV

SERVICES = ("sso", "api", "account", "admin", "processor")
DATABASES = {
    "sso": "resume_auth_db",
    "api": "resume_core_db",
    "account": "resume_account_db",
    "admin": "resume_admin_db",
    "processor": "resume_jobs_db",
}
CLIENTS = ("api", "account", "admin", "processor")
"""The services that prove themselves at the SSO with a secret."""

STACK_MARK = "RESUMAX_STACK"
"""Every process of a stack carries this variable, so that those a killed supervisor left behind can be found."""


def build(
    data: DataFolder, gateway: int, ports: Mapping[str, int], environ: Mapping[str, str]
) -> dict[str, str]:
    """The environment of every component. What the caller's environment sets wins, ports apart (they may have moved)."""
    settings = {**_addresses(gateway, ports), **_databases(data), **_secrets(data), **environ}
    settings |= {name: str(port) for name, port in ports.items()}
    settings |= {
        "PORT": str(gateway),
        "PATH": os.pathsep.join([str(VENV / "bin"), environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        "RESUMAX_DATA": str(data.path),
        STACK_MARK: str(data.path),
    }
    clients = {name: settings[f"{name.upper()}_CLIENT_SECRET"] for name in CLIENTS}
    settings.setdefault("SSO_SERVICE_CLIENTS", json.dumps(clients))
    return settings


def _addresses(gateway: int, ports: Mapping[str, int]) -> dict[str, str]:
    smtp = f"smtp://127.0.0.1:{ports['SMTP_PORT']}"
    public = f"http://localhost:{gateway}"
    s3 = f"http://127.0.0.1:{ports['S3_PORT']}"
    settings = {
        "RESUMAX_ENVIRONMENT": "development",
        "RESUMAX_PUBLIC_URL": public,
        "RESUMAX_CORS_ORIGINS": public,
        "RESUMAX_NATS_URL": f"nats://127.0.0.1:{ports['NATS_PORT']}",
        "RESUMAX_S3_ENDPOINT": s3,
        "RESUMAX_S3_PUBLIC_URL": s3,
        "RESUMAX_S3_REGION": "us-east-1",
        "RESUMAX_TRUSTED_PROXIES": "127.0.0.1/32",
        "RESUMAX_LOG_LEVEL": "info",
        "RESUMAX_DESK_URL": f"http://127.0.0.1:{ports['DESK_PORT']}",
        "PROCESSOR_SMTP_URL": smtp,
        "PROCESSOR_MAIL_FROM": "resuMAX <no-reply@localhost>",
        "PROCESSOR_WEBHOOKS_ALLOW_PRIVATE": "true",
    }
    for service in SERVICES:
        port = ports[f"{service.upper()}_PORT"]
        settings[f"RESUMAX_{service.upper()}_URL"] = f"http://127.0.0.1:{port}"
        settings[f"{service.upper()}_HOST"] = "127.0.0.1"
    return settings


def _databases(data: DataFolder) -> dict[str, str]:
    return {
        f"{service.upper()}_DATABASE_URL": f"sqlite+aiosqlite:///{data.path / 'db' / name}.sqlite3"
        for service, name in DATABASES.items()
    }


def _secrets(data: DataFolder) -> dict[str, str]:
    """The secrets in `env`, made on the first start; ones that a later release asks for are added."""
    text = data.env_file.read_text() if data.env_file.exists() else ""
    known = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    missing = {name: value for name, value in _fresh_secrets().items() if name not in known}
    if missing:
        text = text or "# Random secrets of this machine's stack, made once. Production refuses them.\n"
        text += "".join(f"{name}={value}\n" for name, value in missing.items())
        write_whole(data.env_file, text, mode=0o600)
    return known | missing


def _fresh_secrets() -> dict[str, str]:
    """`dev-` marks a secret as one that was made here; the services refuse such in production."""
    names = [
        "RESUMAX_S3_ACCESS_KEY",
        "RESUMAX_S3_SECRET_KEY",
        *(f"{name.upper()}_CLIENT_SECRET" for name in CLIENTS),
    ]
    keys = ["SSO_KEY_ENCRYPTION_KEY", "API_WEBHOOK_KEY", "PROCESSOR_MAIL_KEY"]
    return {name: f"dev-{secrets.token_urlsafe(24)}" for name in names} | {
        name: f"dev-{urlsafe_b64encode(secrets.token_bytes(32)).decode()}" for name in keys
    }
