"""A whole stack of its own for the journeys: every process, on free ports, in a folder that is deleted afterwards."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from common.testing.ports import free_port
from tests.e2e import upstream
from tests.e2e.stack import Stack

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def upstream_url() -> str:
    """Where another OpenID provider can be made to listen, which the SSO of the stack knows."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, upstream_url: str) -> Iterator[Stack]:
    """The platform, started as a user starts it."""
    settings = {"SSO_PROVIDERS": json.dumps(upstream.settings(upstream_url))}
    stack = Stack(ROOT, tmp_path_factory.mktemp("stack") / "data", settings)
    stack.up()
    try:
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser; each test opens contexts of its own in it. Without one the test is skipped; in CI that is a failure."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _no_stack_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    yield
    ours = f"{tmp_path_factory.getbasetemp()}/stack.*/data"
    left = subprocess.run(["pgrep", "-af", ours], capture_output=True, text=True, check=False)
    assert left.stdout == "", left.stdout
