"""`python -m <service> serve | migrate | …`: the same commands for every service."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

from common import lifecycle, log, migrations, settings
from common.edge import Edge

S = TypeVar("S", bound=settings.ServiceSettings)


def main(
    name: str,
    kind: type[S],
    create_app: Callable[[S], Edge],
    *,
    package_file: str,
    commands: Mapping[str, Callable[[S], None]] | None = None,
) -> None:
    """Run the command that the arguments name. Exits with 2 for one that is unknown or settings that cannot be used."""

    def serve(loaded: S) -> None:
        log.configure(name, loaded.log_level)
        app = create_app(loaded)
        lifecycle.run(app, app.lifecycle, host=loaded.host, port=loaded.port, grace=loaded.shutdown_grace)

    def migrate(loaded: S) -> None:
        migrations.upgrade(migrations.folder(package_file), loaded.database_url)

    known: dict[str, Callable[[S], None]] = {"serve": serve, "migrate": migrate, **(commands or {})}
    wanted = sys.argv[1] if len(sys.argv) > 1 else "serve"
    if wanted not in known:
        sys.exit(f"usage: python -m {name} [{' | '.join(known)}]")
    try:
        loaded = settings.load(kind, name.upper(), os.environ)
    except settings.SettingsError as error:
        sys.stderr.write(f"{name}: {error}\n")
        sys.exit(2)
    if wanted in (commands or {}):
        log.configure(name, "warning")  # a person reads what the command says
    known[wanted](loaded)
