"""An old Python is told so; a new one prepares .venv once."""

import ast
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

BOOTSTRAP = Path(__file__).resolve().parents[1] / "bootstrap.py"


def test_an_old_python_is_refused_in_one_line() -> None:
    pretend = (
        "import runpy, sys\n"
        "sys.version_info = (3, 8, 10, 'final', 0)\n"
        f"runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')\n"
    )
    result = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "3.8.10" in result.stderr


def test_the_first_step_has_no_syntax_that_an_old_python_cannot_parse() -> None:
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(BOOTSTRAP.read_text())):
        assert not isinstance(node, newer), ast.dump(node)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not any(argument.annotation for argument in node.args.args)


def test_a_taken_port_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    command = _repository(tmp_path, "data.py", "ports.py")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ = {**os.environ, "PORT": str(taken.getsockname()[1]), "RESUMAX_DATA": str(tmp_path / "data")}
        result = subprocess.run(
            [*command, "up"], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
    assert result.returncode == 1
    assert "is taken by another program" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def test_two_at_once_install_once_and_later_ones_do_nothing(tmp_path: Path) -> None:
    command = [*_repository(tmp_path), "install"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(text.count("Installing") for text in said) == [0, 1]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""
    (tmp_path / "requirements.lock").write_text("# changed")
    assert "Installing" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _repository(folder: Path, *more: str) -> list[str]:
    """A repository with nothing to install but the runner's first step, and the command that takes it."""
    local = folder / "deploy/local"
    local.mkdir(parents=True)
    for name in ("__init__.py", "bootstrap.py", "install.py", *more):
        shutil.copy(BOOTSTRAP.with_name(name), local)
    (folder / "requirements.lock").write_text("")
    (folder / "pyproject.toml").write_text("")
    return [sys.executable, str(local / "bootstrap.py")]
