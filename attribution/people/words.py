"""The figures of the page about people, each once: name, words on screen, definition. The page and the glossary read the same entries."""

from __future__ import annotations

from attribution.content.words import Word

WORDS: tuple[Word, ...] = (
    Word("engaged", "Engaged", "touches done by the person themselves (actor buyer), visits from before we knew their name among them"),
    Word("person_touches", "Touches", "touches of the person, whoever acted, and those of others to which the person is linked (a meeting has many)"),
    Word("last_touch", "Last touch", "the day of the latest of these touches, in the period and under the filters"),
    Word("person_stage", "Stage now", "the lifecycle stage entered last, up to the data's end (lifecycle_changes); merged contacts count as one"),
    Word(
        "person_deals", "On deals",
        "deals whose journey takes the person's touches: of those named on the deal, or of everybody at its company where nobody is named",
    ),
    Word("took_part_in_deals", "Took part in", "deals in whose journey a touch of the person counts; whole deals, so it cannot be added up over people"),
    Word(
        "person_credit", "Their part",
        "what the deal's touches that are theirs are credited with under the rule, to the cent as on the deal's page. A meeting of several people is "
        "credited once, with the first of them, so the parts of all people and what has no person add up to the deal",
    ),
    Word("earlier_visits", "Earlier visits added", "visits from before the visitor was known by name, which identities gave to the person"),
    Word("how_known", "Known by", "how a touch came to the person: its own contact, a visitor that identities name, or a link to a touch of several people"),
    Word("leads_here", "Leads to this person", "ids, addresses and visitors that the data holds for the same person: a wrong one is a wrong merge"),
)  # fmt: skip
DEFINITIONS = {word.name: word.sentence for word in WORDS}
