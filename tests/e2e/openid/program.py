"""Programs in JavaScript that sign somebody in, and say where to send the browser."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.testing import npm

PACKAGES = ("openid-client@6.8.9", "oauth4webapi@3.8.8")


def run(name: str, setting: dict[str, Any], *, visit: Callable[[str], str]) -> dict[str, Any]:
    """What the program `name` found out; `visit` plays the browser that it sends to an address."""
    folder, program = npm.installed(*PACKAGES), Path(__file__).with_name(name)
    command = [npm.node(), str(program), str(folder), json.dumps(setting)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                return dict(said["done"])
            if "device" in said:
                visit(said["device"]["verification_uri_complete"])
            else:
                process.stdin.write(json.dumps(visit(said["visit"])) + "\n")
                process.stdin.flush()
        raise AssertionError(f"{name} ended:\n{process.stderr.read()}")
