"""Content as an investment: what each piece cost, who read it, and what it helped to win.

    assets.py     every piece with its cost, its reach and what it is credited with
    exposure.py   who used it among won and among lost deals, up to the same point of a deal
    topics.py     topic × funnel stage × segment: what is there, what it earned, where nothing is

Credit comes from the ledger and its cubes only; reach from marts.asset_reach, use by deals from marts.asset_uses.
"""
