"""`python -m account serve | migrate`."""

import account
from account.app import create_app
from account.settings import Settings
from common import cli

if __name__ == "__main__":
    cli.main("account", Settings, create_app, package_file=account.__file__)
