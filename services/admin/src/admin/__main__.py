"""`python -m admin serve | migrate`."""

import admin
from admin.app import create_app
from admin.settings import Settings
from common import cli

if __name__ == "__main__":
    cli.main("admin", Settings, create_app, package_file=admin.__file__)
