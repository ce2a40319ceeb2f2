"""Setting a document: at the scale at which it fills its pages, to the standards that it can follow, and with warnings."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from common.contracts.documents import RenderWarning
from processor.rendering import preflight
from processor.rendering.edges import beyond_edges, may_overflow
from processor.rendering.errors import RenderFailed
from processor.rendering.fitting import FitLimits, Fitted, fit, settled
from processor.rendering.workers.protocol import Format, Standard

_COARSE = 1.0
"""Pixels an inch: pictures of pages that are only counted."""


class Press(Protocol):
    """What lays a document out, in one source."""

    likely_scale: float | None
    """That at which such a document was set before, if it was; what is found takes its place."""

    def compile(
        self, inputs: dict[str, str], format: Format, *, ppi: float = 96, standards: Sequence[Standard] = ()
    ) -> list[bytes]:
        """One file for a PDF, one a page for pictures. Raises RenderFailed."""

    def query(self, selector: str) -> str:
        """What the document compiled last says to a selector, as JSON."""

    def can_show(self, character: str) -> bool:
        """Whether there is a glyph for a character that none of the bundled fonts has."""


def set_pages(
    press: Press,
    inputs: dict[str, str],
    options: Mapping[str, Any],
    format: Format,
    *,
    limits: FitLimits,
    usual_fit: int = 0,
    ppi: float = 96,
    standards: Sequence[Standard] = (),
) -> tuple[list[bytes], list[RenderWarning]]:
    """The files of a document and what is to be said about it. Raises RenderFailed.

    `usual_fit` is the number of pages that the template fills unless told otherwise: that a short document does not fill them
    is no news to its writer.

    One that cannot follow `standards` is made without them, and says so: every word of it counts for more.
    """
    scaled, warnings = _fitted(press, inputs, options, limits)
    files, refused, told = _made(press, scaled, format, ppi, standards)
    if scaled.get("scale", "1.0") > "1.0" and not preflight.is_filled(told):
        files, refused, told = _made(press, inputs, format, ppi, standards)
        wanted = int(options["fit"])
        warnings = [] if wanted == usual_fit else [preflight.does_not_fill(wanted)]
    if format == "pdf" and may_overflow(inputs["outline"], options.get("size", 10)):
        told += beyond_edges(files[0], inputs["outline"], told)
    warnings += preflight.check(told, inputs["outline"], options, can_show=press.can_show)
    if refused:
        warnings.append(preflight.not_accessible(refused, warnings, inputs["outline"]))
    return files, warnings


def _made(
    press: Press, inputs: dict[str, str], format: Format, ppi: float, standards: Sequence[Standard]
) -> tuple[list[bytes], Sequence[Standard], list[dict[str, Any]]]:
    """The files, the standards that they could not follow, and what the document tells about itself."""
    refused: Sequence[Standard] = ()
    try:
        files = press.compile(inputs, format, ppi=ppi, standards=standards)
    except RenderFailed:
        if format != "pdf" or not standards:
            raise
        files, refused = press.compile(inputs, format), standards
    return files, refused, preflight.told_by(press.query(preflight.SELECTOR))


def _fitted(
    press: Press, inputs: dict[str, str], options: Mapping[str, Any], limits: FitLimits
) -> tuple[dict[str, str], list[RenderWarning]]:
    wanted = int(options.get("fit", 0))
    if not wanted:
        return inputs, []

    def count_pages(scale: float) -> int:
        return len(press.compile(inputs | {"scale": str(scale)}, "png", ppi=_COARSE))

    fitted: Fitted = fit(count_pages, wanted, limits=limits, size=options["size"], guess=press.likely_scale)
    press.likely_scale = fitted.scale
    fitted = settled(fitted, count_pages)
    return inputs | {"scale": str(fitted.scale)}, preflight.does_not_fit(fitted, wanted)
