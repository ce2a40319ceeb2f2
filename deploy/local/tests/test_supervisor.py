"""What `make up`, `make down` and `make reset` promise, with stand-ins for the components."""

import signal
import socket
import subprocess

from deploy.local.tests.stack import Stack, eventually, is_alive, kill


def test_up_returns_when_everything_is_ready_and_says_where(stack: Stack) -> None:
    stack.components("desk", "api", "gateway")
    result = stack.up()
    assert result.returncode == 0, result.stdout
    assert f"resuMAX is ready: http://localhost:{stack.port}" in result.stdout
    run = stack.run_json
    assert run["gateway"] == f"http://localhost:{stack.port}"
    assert run["services"].keys() == {"sso", "api", "account", "admin", "processor"}
    assert run["pids"].keys() == {"supervisor", "desk", "api", "gateway"}
    assert run["mail"] == str(stack.data / "mail")
    assert "hello from api" in (stack.data / "logs/api.log").read_text()


def test_a_second_up_says_that_it_runs_and_succeeds(stack: Stack) -> None:
    stack.components("api")
    stack.up()
    before = stack.run_json
    again = stack.up()
    assert again.returncode == 0
    assert f"already running: http://localhost:{stack.port}" in again.stdout
    assert stack.run_json == before


def test_a_crashed_component_comes_back_and_run_json_follows(stack: Stack) -> None:
    stack.components("api", "gateway")
    stack.up()
    first, gateway = stack.pid("api"), stack.pid("gateway")
    kill(first)
    eventually(lambda: stack.pid("api") not in (None, first))
    assert stack.pid("gateway") == gateway
    assert "api was ended by SIGKILL; starting it again" in (stack.data / "logs/supervisor.log").read_text()


def test_it_starts_from_the_ground_up_and_stops_from_the_top_down(stack: Stack) -> None:
    stack.components("gateway", "api", "desk")
    stack.up()
    pids = stack.run_json["pids"].values()
    assert stack.run("down").returncode == 0
    started, stopped = ["desk", "api", "gateway"], ["gateway", "api", "desk"]
    assert stack.order == [f"{name} started" for name in started] + [f"{name} stopped" for name in stopped]
    eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert not (stack.data / "run.json").exists()


def test_a_component_that_ignores_sigterm_is_killed_with_all_it_started(stack: Stack) -> None:
    stack.procfile.write_text(
        "stubborn: sh -c 'trap \"\" TERM; sleep 1000 & echo $! > $RESUMAX_DATA/child; wait'\n"
    )
    process = stack.foreground()
    eventually((stack.data / "child").exists)
    process.send_signal(signal.SIGINT)
    stack.read_until(process, "Stopping")
    process.send_signal(signal.SIGINT)  # asked twice: at once
    eventually(lambda: process.poll() is not None)
    eventually(lambda: not is_alive(int((stack.data / "child").read_text())))


def test_ctrl_c_and_sigterm_end_it_cleanly(stack: Stack) -> None:
    stack.components("api")
    for number in (signal.SIGINT, signal.SIGTERM):
        process = stack.foreground()
        stack.read_until(process, "resuMAX is ready")
        pids = stack.run_json["pids"].values()
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 0, output
        assert "Traceback" not in output
        assert not any(is_alive(pid) for pid in pids)


def test_a_supervisor_that_was_killed_leaves_nothing_in_the_way(stack: Stack) -> None:
    stack.components("api", "gateway")
    stack.up()
    orphans = [stack.pid("api"), stack.pid("gateway")]
    kill(stack.pid("supervisor"))
    again = stack.up()
    assert again.returncode == 0, again.stdout
    assert "Ended 2 process(es)" in again.stdout
    assert not any(is_alive(pid) for pid in orphans if pid)


def test_down_ends_what_a_killed_supervisor_left(stack: Stack) -> None:
    stack.components("api")
    stack.up()
    orphan = stack.pid("api")
    kill(stack.pid("supervisor"))
    assert "Ended 1 process(es)" in stack.run("down").stdout
    assert orphan
    assert not is_alive(orphan)


def test_a_component_that_cannot_start_is_named_with_the_end_of_its_log(stack: Stack) -> None:
    stack.components("desk", api="echo no such table: resumes; exit 3")
    result = stack.up()
    assert result.returncode == 1
    assert "api does not start" in result.stdout
    assert "no such table: resumes" in result.stdout
    assert "Traceback" not in result.stdout
    assert "desk stopped" in stack.order


def test_a_taken_gateway_port_is_said_and_others_move(stack: Stack) -> None:
    stack.components("api")
    with socket.create_server(("127.0.0.1", stack.port)), socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        result = stack.up()
        assert result.returncode == 1
        assert f"Port {stack.port} is taken" in result.stdout
        assert "make up PORT=" in result.stdout
        moved = stack.up(PORT=str(stack.port + 1), API_PORT=str(taken))
        assert moved.returncode == 0, moved.stdout
        assert stack.run_json["services"]["api"] == f"http://127.0.0.1:{taken + 10}"


def test_reset_deletes_our_folder_and_refuses_any_other(stack: Stack) -> None:
    stack.components("api")
    stack.up()
    assert stack.run("reset").returncode == 0
    assert not stack.data.exists()
    stack.data.mkdir()
    (stack.data / "thesis.txt").write_text("years of work")
    for command in ("reset", "up"):
        refused: subprocess.CompletedProcess[str] = stack.run(command)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
    assert (stack.data / "thesis.txt").exists()


def test_seed_refuses_a_folder_that_holds_no_stack_and_makes_none(stack: Stack) -> None:
    result = stack.run("seed")
    assert result.returncode == 1
    assert result.stderr == (
        f"There is no stack in {stack.data}; start it (make up), or name its folder: RESUMAX_DATA=...\n"
    )
    assert not stack.data.exists()
