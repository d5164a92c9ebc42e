"""The PDF of a file, from its HTML, by WeasyPrint. Nothing is fetched: a file holds all it needs.

WeasyPrint draws with system libraries (Pango); where they are missing, HTML still works and the message says what to install.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import cache

from attribution.errors import ClosedLoopError

INSTALL = {
    "linux": "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian, Ubuntu) or dnf install pango (Fedora)",
    "darwin": "brew install pango",
    "win32": "install MSYS2 and run: pacman -S mingw-w64-ucrt-x86_64-pango",
}
PAPERS = ("A4", "letter")


class PdfError(ClosedLoopError):
    """No PDF can be made here; the message says what to install."""


@cache
def is_available() -> str | None:
    """What is missing to make a PDF and how to supply it, in words; None where nothing is."""
    try:
        import weasyprint  # noqa: F401
    except ImportError:
        return "A PDF needs WeasyPrint, which is not installed: pip install weasyprint. The HTML file works without it; a browser prints it."
    except OSError as error:
        hint = INSTALL.get(sys.platform, INSTALL["linux"])
        missing = str(error).splitlines()[0][:120]
        return (
            f"A PDF needs WeasyPrint's system libraries, and one of them is missing ({missing}). "
            f"Install them: {hint}. The HTML file works without them; a browser prints it."
        )
    return None


def from_html(html: str, paper: str = "A4") -> bytes:
    """The HTML as a PDF on ``paper`` (A4 or letter) in the sheet's own orientation; the same HTML gives the same bytes. PdfError where it cannot be made."""
    if missing := is_available():
        raise PdfError(missing)
    if paper not in PAPERS:
        raise PdfError(f"paper {paper!r}: it must be one of {', '.join(PAPERS)}.")
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # screen-only rules give a warning each
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    sized = re.sub(r"@page\s*\{\s*size:\s*(landscape|portrait)", rf"@page{{size:{paper} \1", html)
    document = weasyprint.HTML(string=sized, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=()))
    made: bytes = document.write_pdf(pdf_identifier=b"closed loop", pdf_tags=True)
    return made
