"""`python -m sso serve | migrate | seed [--reset] | rotate-keys`."""

from common import cli
from sso import commands
from sso.app import create_app
from sso.settings import Settings

if __name__ == "__main__":
    cli.main(
        "sso",
        Settings,
        create_app,
        package_file=commands.__file__,
        commands={"seed": commands.seed, "rotate-keys": commands.rotate_keys},
    )
