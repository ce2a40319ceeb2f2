"""`python -m processor serve | migrate`."""

import processor
from common import cli
from processor.app import create_app
from processor.settings import Settings

if __name__ == "__main__":
    cli.main("processor", Settings, create_app, package_file=processor.__file__)
