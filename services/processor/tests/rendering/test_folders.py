"""Folders on the disk go with their process, however it ends; those of processes that live stay."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from processor.rendering.folders import OwnFolder, sweep

PREFIX = "resumax-test-folders-"
HOLDER = """
import sys
from processor.rendering.folders import OwnFolder
folder = OwnFolder(sys.argv[1])
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def among(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    monkeypatch.undo()


def test_the_folder_of_a_process_that_was_killed_is_swept_and_that_of_one_that_lives_is_not() -> None:
    command = [sys.executable, "-c", HOLDER, PREFIX]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        sweep(PREFIX)
        assert folder.is_dir()
        holder.kill()
    sweep(PREFIX)
    assert not folder.exists()


def test_a_folder_of_an_earlier_process_with_the_same_id_is_swept() -> None:
    own = OwnFolder(PREFIX)
    earlier = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    (earlier / ".lock").touch()
    (earlier / "template").mkdir()
    sweep(PREFIX)
    assert (own.path.is_dir(), earlier.exists()) == (True, False)
    own.remove()
    assert not own.path.exists()


def test_a_folder_without_a_lock_is_swept_once_nobody_can_be_about_to_make_one() -> None:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    sweep(PREFIX)
    assert folder.is_dir()
    os.utime(folder, (0, 0))
    sweep(PREFIX)
    assert not folder.exists()
