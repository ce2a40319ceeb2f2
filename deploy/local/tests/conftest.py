"""Makes `deploy.local` importable for tests that run without the repository on Python's path."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from deploy.local.tests.stack import Stack  # noqa: E402 (found through the line above)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of stand-ins on a data folder and ports of its own; stopped at the end."""
    stack = Stack(tmp_path / "data")
    yield stack
    stack.end()
