"""Which files can follow the standard that is asked for: refused alike by who accepts an export and who makes it."""

from common.problems import FieldError, Problem

USUAL = "ua-1"
"""PDF/UA-1, which is no more than a wish where a file cannot follow it."""


class UnsupportedStandard(Problem):
    status, code, title = 422, "UNSUPPORTED_STANDARD", "The file cannot follow this standard"


def check_standard(standard: str, *, format: str, engine: str | None, template_id: str) -> None:
    """Raises UnsupportedStandard for one that is not the usual one, where there is no other."""
    if standard == USUAL:
        return
    message = ""
    if format != "pdf":
        message = f"Only PDFs follow it; this is to be {format}."
    elif engine == "html":
        message = f"Files for archives are not made with the template {template_id}, which a browser prints."
    if message:
        raise UnsupportedStandard(message, errors=[FieldError("$.standard", message)])
