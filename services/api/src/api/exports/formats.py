"""The formats that the processor can make: what is offered, described and accepted."""

FORMATS = ("pdf",)

DESCRIPTION = f"Formats: {', '.join(f'`{name}`' for name in FORMATS)}."
