"""`python -m deploy.local <command>`, as the Makefile calls it."""

import argparse
import os
import sys
from pathlib import Path

from deploy.local import commands
from deploy.local.data import AlreadyRunning, StackError, chosen
from deploy.local.install import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(prog="deploy.local", description="Run resuMAX on this machine.")
    parser.add_argument("command", choices=["up", "supervise", "down", "reset", "seed", "logs"])
    parser.add_argument("--procfile", type=Path, default=ROOT / "Procfile")
    parser.add_argument("--report", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    data = chosen(os.environ)
    try:
        match arguments.command:
            case "up":
                commands.up(data, arguments.procfile)
            case "supervise":
                commands.supervise(data, arguments.procfile, arguments.report)
            case other:
                getattr(commands, other)(data)
    except AlreadyRunning as error:
        print(error)
    except StackError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))


if __name__ == "__main__":
    main()
