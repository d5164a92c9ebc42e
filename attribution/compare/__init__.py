"""Models compared, with how far each share can be trusted.

    credits.py      what each won deal gives each value under every model: one array
    draws.py        whole deals drawn anew, as counts; the same for every model
    data_driven.py  what Markov and Markov-Shapley learn anew in each draw
    comparison.py   shares, likely ranges and places of every value under every model
    verdicts.py     what is the same under every rule, what depends on it, and which two change places
    settings.py     the same under other lookbacks and join rules
    shift.py        what moving spend from one value to another goes along with

Definitions: docs/how-attribution-works.md. Nothing here knows the app or writes a sentence.
"""
