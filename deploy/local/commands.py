"""What make's targets do: up, down, reset, seed, logs."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy.local import leftovers, oneshot, settings, supervisor
from deploy.local.console import READY, Console
from deploy.local.data import AlreadyRunning, DataFolder, StackError
from deploy.local.install import ROOT
from deploy.local.ports import DEFAULTS, GATEWAY_DEFAULT, Ports

STOP_TIMEOUT = 60.0
"""Seconds that `down` gives the supervisor, which itself gives every component its grace."""


def up(data: DataFolder, procfile: Path) -> None:
    """Run the stack here until Ctrl-C; with DETACH=1 behind the scenes, returning when it is ready."""
    if data.supervisor() is not None:
        _say_running(data)
    elif os.environ.get("DETACH", "") in ("", "0"):
        _supervise(data, procfile, Console(sys.stdout, data.logs / "supervisor.log", follow=True))
    else:
        _detach(procfile)


def supervise(data: DataFolder, procfile: Path, report: int) -> None:
    """The detached supervisor: reports on file descriptor `report` until everything is ready."""
    os.set_inheritable(report, False)
    console = Console(os.fdopen(report, "w"), data.logs / "supervisor.log")
    try:
        _supervise(data, procfile, console)
    except AlreadyRunning:  # somebody else was faster
        console.leave()
    except StackError as error:
        console.say(str(error))
        sys.exit(1)


def down(data: DataFolder) -> None:
    """Stop the stack, or what is left of one."""
    pid = data.supervisor()
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT
        while data.supervisor() == pid:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    left = leftovers.end(data.path)
    if left:
        print(f"Ended {left} process(es) that a killed stack had left behind.")
    print("Stopped." if pid or left else f"No stack runs on {data.path}.")
    if not pid:
        data.run_file.unlink(missing_ok=True)


def reset(data: DataFolder) -> None:
    """Stop the stack and delete its data folder, if it is one of ours."""
    if not data.path.exists():
        print(f"Nothing to forget: there is no {data.path}.")
        return
    if not data.is_ours() or data.path.is_symlink():
        raise StackError(f"{data.path} is not a folder that resuMAX made; delete it yourself if you mean to.")
    down(data)
    shutil.rmtree(data.path)
    print(f"Deleted {data.path}.")


def seed(data: DataFolder) -> None:
    """Make the first staff account of a stack that was started before, running or not. RESET=1: a new password.

    A folder without a stack is refused: an account in it would be nobody's, at the price of a mistyped name.
    """
    if not data.is_ours():
        raise StackError(
            f"There is no stack in {data.path}; start it (make up), or name its folder: RESUMAX_DATA=..."
        )
    data.create()
    environ = settings.build(data, GATEWAY_DEFAULT, DEFAULTS, os.environ)

    async def run() -> str:
        await oneshot.migrate("sso", environ, data)
        return await oneshot.seed(environ, data, reset=os.environ.get("RESET", "") not in ("", "0"))

    print(asyncio.run(run()))


def logs(data: DataFolder) -> None:
    """Follow every component's log."""
    files = sorted(str(path) for path in data.logs.glob("*.log"))
    if not files:
        raise StackError(f"No logs in {data.logs}; start the stack: make up")
    os.execvp("tail", ["tail", "-n", "20", "-F", *files])  # noqa: S606 (a program of the system, our own arguments)


def _supervise(data: DataFolder, procfile: Path, console: Console) -> None:
    data.create()
    data.hold()
    if left := leftovers.end(data.path):
        console.say(f"Ended {left} process(es) that a killed stack had left behind.")
    ports = Ports()
    gateway = ports.gateway(os.environ.get("PORT", ""))
    environ = settings.build(data, gateway, ports.others(os.environ), os.environ)
    console.say(f"Starting resuMAX on {data.path} ...")
    try:
        supervisor.main(data, environ, procfile, console)
    finally:
        leftovers.end(data.path)  # what a component started and let go of


def _detach(procfile: Path) -> None:
    """Start the supervisor in a session of its own and pass its report on until it has nothing more to report."""
    read, write = os.pipe()
    command = [
        sys.executable,
        "-m",
        "deploy.local",
        "supervise",
        f"--report={write}",
        f"--procfile={procfile}",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, pass_fds=[write], start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=write,
    )  # fmt: skip
    os.close(write)
    try:
        with open(read) as report:
            for line in report:
                if line.strip() == READY:
                    return
                print(line, end="", flush=True)
    except KeyboardInterrupt:
        process.terminate()
    sys.exit(process.wait())


def _say_running(data: DataFolder) -> None:
    run = data.read_run()
    where = run.get("gateway", "(it is starting)")
    print(f"resuMAX is already running: {where}  (data in {data.path}; stop it with make down)")
