"""The worker's side: load what renders, then answer tasks until the service closes its end."""

import contextlib
import ctypes
import os
import re
import resource
import select
import signal
import socket
import sys
import sysconfig
from pathlib import Path

import common.ids
import processor
from processor.rendering.documents import Document
from processor.rendering.errors import RenderFailed
from processor.rendering.fonts import font_folders
from processor.rendering.lockdown import lock_down
from processor.rendering.manifest import Template, load_builtin, resolve_options
from processor.rendering.memory import give_back_memory
from processor.rendering.typst import Typst
from processor.rendering.workers.protocol import (
    LARGEST_REPLY,
    Card,
    Done,
    Draft,
    Failed,
    FrameTooLarge,
    Pages,
    Printed,
    Ready,
    Reply,
    Sheet,
    Task,
    Words,
    frame_of,
    read_task,
)

LOCKED_MEMORY = 1 << 30
"""Bytes of addresses that a locked worker may have, its code and the fonts among them."""
_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY_SCORE = "500"
_NICENESS, _NICENESS_IN_FRONT = 12, 1
"""Files that nobody waits for take what time is left: at 12 a fourteenth of what a service beside them gets."""
_TRIM_EVERY = 50  # documents


def be_a_child_of(parent: int, *, memory: int, in_front: bool) -> None:
    """End with the service, also when it is killed; leave no dump of memory behind; be the first to go when memory is short;
    come after the service where processor time is short, and those `in_front`, which people wait for, before the others.

    `memory` (bytes) is the hard end of what may be allocated; the service looks at what is used before that.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that was set
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    for name in (signal.SIGINT, signal.SIGTERM):  # of a terminal, or to the whole group; the service decides
        signal.signal(name, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # where the system files are not to be written to
        Path("/proc/self/oom_score_adj").write_text(_OUT_OF_MEMORY_SCORE)
    os.nice(_NICENESS_IN_FRONT if in_front else _NICENESS)


def serve(connection: socket.socket, root: Path, stranger: Path | None = None, *, warm: bool) -> None:
    """Answer tasks until the other end closes. `root` is an empty folder for this worker alone; `stranger` the folder of
    the one template that it renders, and all that it can read from then on. Raises LockdownUnavailable.

    One that is `warm` looks at all templates while it has nothing else to do, so that nobody waits for their sources.
    """
    engine = Typst(root)
    templates = [] if stranger else _newest()
    if stranger is None:
        _try(engine, templates.pop())
    else:
        engine.bring(stranger)
        lock_down(readable=_own_files(), writable=[root], memory=LOCKED_MEMORY)
    connection.sendall(frame_of(Ready(), largest=LARGEST_REPLY))
    while warm and templates and not select.select([connection], [], [], 0)[0]:
        _try(engine, templates.pop())
    served = 0
    while (task := _next(connection)) is not None:
        connection.sendall(_frame(_seen_from_inside(_answer(engine, task), root)))
        served += 1
        engine.tidy()
        if served % _TRIM_EVERY == 0:
            give_back_memory()


def _next(connection: socket.socket) -> Task | None:
    try:
        return read_task(lambda size: _read(connection, size))
    except (EOFError, ConnectionError):
        return None


def _read(connection: socket.socket, size: int) -> bytes:
    parts = bytearray(size)
    view, got = memoryview(parts), 0
    while got < size:
        count = connection.recv_into(view[got:])
        if not count:
            raise EOFError
        got += count
    return bytes(parts)


def _answer(engine: Typst, task: Task) -> Reply:
    """What went wrong is told by its place. Out of memory and panics of native code end the process: nobody knows what
    state it is in, and the service gives the task to another."""
    try:
        return _do(engine, task)
    except RenderFailed as error:
        return Failed(str(error))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (a mistake of ours: the next document is another)
        return Failed(f"This document cannot be laid out ({_place(error)}).")


def _seen_from_inside(reply: Reply, root: Path) -> Reply:
    """The reply with paths as the template knows them: in its own folder, or from the root of what it can read. Where that
    lies is nothing to those who read why a document failed."""
    if not isinstance(reply, Failed):
        return reply
    ours = "|".join(re.escape(str(folder)) for folder in {root, root.resolve()})
    return Failed(re.sub(rf"(?:{ours})(?:/templates/\d+/)?", "", reply.reason))


def _do(engine: Typst, task: Task) -> Done:
    match task:
        case Pages():
            return engine.pages(task)
        case Card():
            return engine.card(task)
        case Words():
            from processor import formats  # it takes memory that most workers never need

            return Done([formats.write(task.format, task.template, task.sheet.document(), task.options).data])
        case Draft():
            from processor.rendering.html.proof import draft  # likewise

            return draft(task, engine.bring(task.pages.template.folder))
        case Printed():
            from processor.rendering.html.proof import proof

            return proof(task)


def _frame(reply: Reply) -> bytes:
    try:
        return frame_of(reply, largest=LARGEST_REPLY)
    except FrameTooLarge:
        return frame_of(Failed("The document is too large."), largest=LARGEST_REPLY)


def _place(error: Exception) -> str:
    """The kind of an error and the line it came from, without its words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


def _own_files() -> list[Path]:
    """What a worker reads of its own: fonts, modules, and their data."""
    modules = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    packages = (Path(str(package.__file__)).parent for package in (common.ids, processor))
    return [*font_folders(), *map(Path, modules), *packages]


def _newest() -> list[Template]:
    """The newest version of each template that this engine is for."""
    found = {name: template for (name, _), template in load_builtin().items() if template.engine == "typst"}
    return list(found.values())


def _try(engine: Typst, template: Template) -> None:
    """Render its sample, for the sake of the fonts and sources that are read on the way."""
    sheet = Sheet.of(Document(template.sample, "en", "", kind=template.kinds[0]))
    _answer(engine, Pages(template, sheet, resolve_options(template, {}), "pdf"))
