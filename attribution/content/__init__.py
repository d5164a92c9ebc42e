"""Content as an investment: what each piece cost, who read it, and what it helped to win.

    assets.py     every piece with its cost, its reach and what it is credited with
    one.py        one piece by itself: what it had earned by each day, in which deals and stages it was used, by whom
    exposure.py   who used it among won and among lost deals, up to the same point of a deal
    topics.py     topic × funnel stage × segment: what is there, what it earned, where nothing is
    questions.py  what buyers asked, the piece that answers, and whether it was sent and read
    sales.py      what sales sent in which deal, what became of it, and what they say about it
    recommend.py  what to send next in an open deal
    unused.py     what is not used as it could be, and what to do with it
    weekly.py     the five best of a week by traffic, and the five that earn most and are read least; weeks.py names the weeks
    scope.py      which deals and days all of these are about; words.py their figures in words

Credit comes from the ledger and its cubes only; reach from marts.asset_reach, use by deals from marts.asset_uses.
"""
