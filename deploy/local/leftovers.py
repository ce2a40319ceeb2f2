"""Components whose supervisor is gone: killed, or lost with a terminal. They carry their stack's mark."""

from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local.settings import STACK_MARK


def find(data_path: Path) -> list[psutil.Process]:
    """Processes that belong to the stack of `data_path`."""
    return [process for process in psutil.process_iter() if _mark(process) == str(data_path)]


def end(data_path: Path, grace: float = 8.0) -> int:
    """End them, by force after `grace` seconds. Returns how many there were."""
    processes = find(data_path)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=grace)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=grace)
    return len(processes)


def _mark(process: psutil.Process) -> str | None:
    try:
        mark: str | None = process.environ().get(STACK_MARK)
    except (psutil.Error, OSError):  # ended meanwhile, or somebody else's
        return None
    return mark
