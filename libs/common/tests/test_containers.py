"""Containers in place of processes, when the run asks for them."""

import os
import subprocess
import sys
from pathlib import Path

from common.testing.ports import free_port


def test_without_a_container_engine_the_run_ends_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        'pytest_plugins = ["common.testing.fixtures"]\ndef test_it(nats): pass\n'
    )
    environ = {
        **os.environ,
        "TEST_BACKENDS": "containers",
        "DOCKER_HOST": f"tcp://127.0.0.1:{free_port()}",
    }
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 2, run.stdout
    assert "no container engine answers" in run.stdout + run.stderr
