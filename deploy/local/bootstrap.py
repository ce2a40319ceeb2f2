"""The first step of every make target: refuses a Python that is too old, prepares .venv, runs what was asked for.

Kept to syntax that Python 2.7 can parse, so that an old interpreter says what is wrong instead of "SyntaxError".
"""

# mypy: allow-untyped-defs, allow-untyped-calls

import os
import sys

OLDEST = (3, 11)


def refusal(version, executable):
    """Why this Python cannot run resuMAX, in one line; None when it can."""
    if tuple(version[:2]) >= OLDEST:
        return None
    found = ".".join(str(part) for part in version[:3])
    wanted = ".".join(str(part) for part in OLDEST)
    return (
        "resuMAX needs Python " + wanted + " or newer, and " + str(executable) + " is " + found + ". "
        "Name a newer one: make up PYTHON=python" + wanted
    )


def main():
    reason = refusal(sys.version_info, sys.executable)
    if reason:
        sys.exit(reason)
    # the repository itself, so that `deploy.local` is found; imported late because an old Python cannot parse it
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from deploy.local import install

    install.main(sys.argv[1:])


if __name__ == "__main__":
    main()
