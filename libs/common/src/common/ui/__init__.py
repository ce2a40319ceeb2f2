"""The design system of the pages that services render: tokens and components in `ui.css`, Jinja2 macros beside it."""
