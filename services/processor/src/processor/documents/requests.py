"""What a request asks for, as what is rendered; and how it is told that it cannot be."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from common.blobs import BlobsUnavailable
from common.http import ServiceUnavailable
from common.problems import FieldError, Problem, Unavailable
from processor.documents.schemas import DocumentCreate, PreviewCreate, styles
from processor.rendering import (
    EngineUnavailable,
    InvalidOption,
    RenderFailed,
    RenderTimedOut,
    Template,
)
from processor.rendering.documents import Document, Photo

Templates = Mapping[tuple[str, int], Template]


class NotRenderable(Problem):
    status, code, title = 422, "NOT_RENDERABLE", "This cannot be rendered"


def template_of(templates: Templates, wanted: DocumentCreate | PreviewCreate) -> Template:
    """The template in the version that is asked for, else the newest. Raises NotRenderable."""
    versions = [version for name, version in templates if name == wanted.template]
    found = templates.get((wanted.template, wanted.template_version or max(versions, default=0)))
    if found is None:
        raise refusal("$.template" if not versions else "$.templateVersion", "there is no such template")
    return found


def document_of(
    wanted: DocumentCreate | PreviewCreate, *, photo: Photo | None = None, made_on: date | None = None
) -> Document:
    return Document(
        wanted.content, wanted.language, wanted.title, styles(wanted), wanted.kind, photo, made_on
    )


def refusal(path: str, message: str) -> NotRenderable:
    return NotRenderable(f"{path}: {message}", errors=[FieldError(path, message)])


@contextmanager
def refusals() -> Iterator[None]:
    """Tell what goes wrong in rendering as problems: NotRenderable or Unavailable."""
    try:
        yield
    except InvalidOption as error:
        raise refusal(f"$.options.{error.option}", error.reason) from error
    except (BlobsUnavailable, ServiceUnavailable) as error:
        raise Unavailable("The photo cannot be read right now.") from error
    except EngineUnavailable as error:
        raise Unavailable(str(error), retry_after=error.retry_after) from error
    except RenderTimedOut as error:
        raise Unavailable("Rendering takes too long right now.", retry_after=5) from error
    except RenderFailed as error:
        raise NotRenderable(str(error)) from error
