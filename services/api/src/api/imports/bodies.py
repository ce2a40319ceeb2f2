"""The two bodies that an import comes in: JSON, or a form with the file."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody

from api.contents import codec
from api.imports.formats import Source
from api.imports.schemas import ImportCommand, ImportCreate
from api.requests import JsonRequest
from common.problems import FieldError, Problem, ValidationFailed

T = TypeVar("T")

MOST_JSON = 1 << 20
MOST_FORM = 5 << 20
"""Bytes of a body."""


class BodyTooLarge(Problem):
    status, code, title = 413, "PAYLOAD_TOO_LARGE", "The request is too large"


class ImportRequest(JsonRequest):
    """A request that may have a larger body if that is a form."""

    @property
    def is_form(self) -> bool:
        return self.content_type[0] == RequestEncodingType.MULTI_PART

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body; no more of it is read than may be there."""
        most = MOST_FORM if self.is_form else MOST_JSON
        read = self.content_length or 0
        if read > most:
            raise BodyTooLarge(f"The limit is {most >> 20} MiB.")
        read = 0
        async for chunk in super().stream():
            read += len(chunk)
            if read > most:
                raise BodyTooLarge(f"The limit is {most >> 20} MiB.")
            yield chunk


async def receive(request: ImportRequest) -> tuple[ImportCommand, Source]:
    """What is to be imported. Raises BodyTooLarge, ValidationFailed."""
    await request.body()  # keeps it: it is also what an Idempotency-Key stands for
    if request.is_form:
        return await _form(request)
    data = _convert(await request.json(), ImportCreate)
    return data, data.document


def meaning(data: ImportCommand, source: Source) -> bytes:
    """The same bytes for every form that says the same: its boundary is another with each try."""
    said = codec.canonical([data.format, data.title, data.language])
    return said + (source if isinstance(source, bytes) else codec.canonical(source))


async def _form(request: ImportRequest) -> tuple[ImportCommand, Source]:
    try:
        form = await request.form()
    except LookupError as error:  # a part that says it is in a character set that nobody knows
        raise ValidationFailed(f"The form cannot be read: {error}.") from error
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name in fields:
            message = "The field is there twice."
            raise ValidationFailed(f"$.{name}: {message}", errors=[FieldError(f"$.{name}", message)])
        fields[name] = await value.read() if isinstance(value, UploadFile) else value
    file = fields.pop("file", None)
    if file is None:
        message = "The file is missing."
        raise ValidationFailed(f"$.file: {message}", errors=[FieldError("$.file", message)])
    return _convert(fields, ImportCommand), file


def _convert(value: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ClientException("The request is not valid") from error


@dataclass
class ImportOperation(Operation):
    """The operation in the API description, with both bodies."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            content={
                "application/json": OpenAPIMediaType(schema=_described(ImportCreate)),
                "multipart/form-data": OpenAPIMediaType(schema=_with_file(_described(ImportCommand))),
            },
            required=True,
        )


def _described(kind: type[Any]) -> Any:
    _, components = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return components[kind.__name__]


def _with_file(schema: dict[str, Any]) -> Any:
    file = {"type": "string", "format": "binary", "description": "The file as the other program wrote it"}
    return schema | {"properties": schema["properties"] | {"file": file}, "required": ["file"]}
