"""Formats: a resume or letter as a file that is not a picture of pages (DOCX, HTML, Markdown, text, JSON, YAML)."""

from processor.formats.pictures import archive
from processor.formats.writing import WRITTEN, File, relevant, version, write

__all__ = ["WRITTEN", "File", "archive", "relevant", "version", "write"]
