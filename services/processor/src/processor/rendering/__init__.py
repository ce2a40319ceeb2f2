"""Rendering: a resume, a template and its options become a document."""

from processor.rendering.engine import engine_version
from processor.rendering.errors import EngineUnavailable, RenderFailed, RenderTimedOut
from processor.rendering.html.browser import BrowserSettings
from processor.rendering.html.program import BrowserMissing
from processor.rendering.manifest import InvalidOption, Option, Template, load_builtin, resolve_options
from processor.rendering.renderer import Rendered, Renderer, Wanted
from processor.rendering.workers.child import Limits

__all__ = [
    "BrowserMissing",
    "BrowserSettings",
    "EngineUnavailable",
    "InvalidOption",
    "Limits",
    "Option",
    "RenderFailed",
    "RenderTimedOut",
    "Rendered",
    "Renderer",
    "Template",
    "Wanted",
    "engine_version",
    "load_builtin",
    "resolve_options",
]
