"""How long each block of the meeting takes unless ``[meeting.minutes]`` says otherwise: together one hour."""

from __future__ import annotations

MINUTES: dict[str, int] = {
    "fit": 3,
    "plan": 8,
    "promised": 5,
    "changes": 8,
    "funnel": 8,
    "promises": 6,
    "stuck": 7,
    "deals": 6,
    "content": 5,
    "actions": 4,
}
