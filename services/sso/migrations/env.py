from importlib import import_module
from pkgutil import walk_packages

import sso
from common.db import Base
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401 (its table)

# Importing a feature's models makes its tables known.
for module in walk_packages(sso.__path__, "sso."):
    if module.name.endswith(".models"):
        import_module(module.name)

run_env(Base.metadata)
