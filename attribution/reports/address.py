"""Where the app is, for links in files: CLOSED_LOOP_URL, as https://revenue.example.com. Without it files have no links to the app."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

VARIABLE = "CLOSED_LOOP_URL"
# What no address of the app has: blanks and marks that end it, a query or a fragment (links have their own), a name and a password (files are passed on).
_NO_PART = re.compile(r"[\s\"'<>\\^`{|}?#@]")


def app_url() -> str:
    """The address of the app without a slash at its end; empty where none is set, or what is set is none."""
    said = os.environ.get(VARIABLE, "").strip().rstrip("/")
    try:
        parts = urlsplit(said)
        is_address = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and said.isprintable() and not _NO_PART.search(said)
        ) and parts.port != 0
    except ValueError:
        is_address = False
    return said if is_address else ""


def advice() -> str:
    """How names become links, in a sentence; empty where they are."""
    if app_url():
        return ""
    wrong = f"{VARIABLE} is no address. " if os.environ.get(VARIABLE, "").strip() else ""
    return f"{wrong}Names in files link to the app once its address is set: {VARIABLE}=https://revenue.example.com."
