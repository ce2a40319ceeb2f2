"""Documents: a version of a resume becomes a PDF in the object storage, or a picture at once."""
