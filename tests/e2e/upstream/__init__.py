"""An OpenID provider that nobody here wrote, for people to sign in with."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from common.testing import npm

ID = "upstream"
PACKAGE = "oidc-provider@9.13.3"


def settings(url: str) -> dict[str, Any]:
    """What `SSO_PROVIDERS` says of it."""
    return {
        ID: {
            "kind": "oidc",
            "name": "Upstream",
            "issuer": url,
            "clientId": "resumax",
            "clientSecret": "a-secret-between-the-two",
        }
    }


@contextmanager
def running(url: str, *, gateway: str, log: Path) -> Iterator[None]:
    """The provider listens at `url` for as long as the block lasts."""
    folder = npm.installed(PACKAGE)
    program = Path(__file__).with_name("provider.mjs")
    redirect_uri = f"{gateway}/auth/oauth/{ID}/callback"
    command = [npm.node(), str(program), str(folder), url.rpartition(":")[2], redirect_uri]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait(url, process, log)
            yield
        finally:
            process.terminate()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the provider did not start:\n{log.read_text()}")
