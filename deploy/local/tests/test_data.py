"""The data folder, its secrets and the ports."""

import socket
from pathlib import Path

import pytest

from deploy.local import data as data_module
from deploy.local import settings
from deploy.local.data import AlreadyRunning, DataFolder, StackError, write_whole
from deploy.local.ports import DEFAULTS, Ports


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    return folder


def test_secrets_are_made_once_for_the_owner_alone(data: DataFolder) -> None:
    first = settings.build(data, 8080, DEFAULTS, {})
    assert data.env_file.stat().st_mode & 0o777 == 0o600
    assert settings.build(data, 8080, DEFAULTS, {}) == first
    names = [name for name in first if name.endswith(("_SECRET", "_KEY"))]
    assert len(names) == 9
    assert all(first[name].startswith("dev-") for name in names)
    assert len({first[name] for name in names}) == len(names)


def test_a_secret_that_a_later_release_asks_for_is_added(data: DataFolder) -> None:
    write_whole(data.env_file, "API_CLIENT_SECRET=dev-kept\n", mode=0o600)
    built = settings.build(data, 8080, DEFAULTS, {})
    assert built["API_CLIENT_SECRET"] == "dev-kept"
    assert built["SSO_KEY_ENCRYPTION_KEY"].startswith("dev-")


def test_what_the_caller_sets_wins(data: DataFolder) -> None:
    built = settings.build(data, 8080, DEFAULTS, {"API_CLIENT_SECRET": "mine", "RESUMAX_LOG_LEVEL": "debug"})
    assert built["RESUMAX_LOG_LEVEL"] == "debug"
    assert '"api": "mine"' in built["SSO_SERVICE_CLIENTS"]


def test_one_supervisor_holds_a_folder(data: DataFolder) -> None:
    data.hold()
    with pytest.raises(AlreadyRunning):
        DataFolder(data.path).hold()
    assert DataFolder(data.path).supervisor()


def test_a_lock_file_that_nobody_holds_is_no_stack(data: DataFolder) -> None:
    (data.path / "lock").write_text("1")
    assert data.supervisor() is None
    data.hold()


def test_a_full_disk_is_said_in_one_line(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_module, "LEAST_FREE", 1 << 60)
    with pytest.raises(StackError, match=r"has \d+ MB left"):
        data.create()


def test_a_folder_that_cannot_be_made_is_said_in_one_line() -> None:
    with pytest.raises(StackError, match="Cannot write to /dev/null/data"):
        DataFolder(Path("/dev/null/data")).create()


def test_a_taken_port_moves_and_a_free_one_does_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chosen = Ports(tmp_path).others({"API_PORT": str(port)})
    assert chosen["API_PORT"] > port
    assert len(set(chosen.values())) == len(DEFAULTS)


def test_stacks_that_start_at_once_share_no_port(tmp_path: Path) -> None:
    stacks = [set(Ports(tmp_path).others({}).values()) for _ in range(3)]
    assert len(set.union(*stacks)) == 3 * len(DEFAULTS)


@pytest.mark.parametrize("asked", ["no", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, asked: str) -> None:
    with pytest.raises(StackError, match="is not a port"):
        Ports(tmp_path).gateway(asked)


def test_a_folder_that_only_the_tests_used_becomes_a_stacks(tmp_path: Path) -> None:
    (tmp_path / "npm").mkdir()
    folder = DataFolder(tmp_path)
    folder.create()
    assert folder.is_ours()


def test_a_folder_with_files_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(StackError, match="something else"):
        DataFolder(tmp_path).create()
