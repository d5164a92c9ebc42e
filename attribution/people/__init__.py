"""People: who did what, what became of it, and what leads to each of them.

listing.py   people under the filters, with their touches, deals and stage: aggregated by the database, a page at a time
one.py       one person: touches, stages, deals with the credit of the person's touches
identity.py  the ids, addresses and visitors that stand for the person
handed.py    the person's hand-overs, with the business hours until sales answered
words.py     definitions for hovers and the glossary
"""
