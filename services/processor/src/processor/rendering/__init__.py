"""Rendering: a resume, a template and its options become a document."""

from processor.rendering.engine import TypstEngine, engine_version
from processor.rendering.errors import EngineUnavailable, RenderFailed, RenderTimedOut
from processor.rendering.manifest import InvalidOption, Option, Template, load_builtin, resolve_options
from processor.rendering.memory import give_back_memory

__all__ = [
    "EngineUnavailable",
    "InvalidOption",
    "Option",
    "RenderFailed",
    "RenderTimedOut",
    "Template",
    "TypstEngine",
    "engine_version",
    "give_back_memory",
    "load_builtin",
    "resolve_options",
]
