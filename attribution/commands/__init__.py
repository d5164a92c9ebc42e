"""The commands of ``python -m attribution``: each a Typer application of its own, put together in ``attribution/__main__.py``."""
