"""HTML templates: Jinja2 writes a page, Chromium prints it."""
