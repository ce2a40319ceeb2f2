"""`python -m api serve | migrate`."""

import api
from api.app import create_app
from api.settings import Settings
from common import cli

if __name__ == "__main__":
    cli.main("api", Settings, create_app, package_file=api.__file__)
