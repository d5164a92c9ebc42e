"""The monthly spotlight: two or three won deals with every piece of content on the way, computed and masked; reports/ makes the files.

words        what a person writes: headlines, quotes, closing ask, thanks (all optional)
candidates   which won deals of a month are worth telling, ranked with reasons
story        one deal: people, pieces, uses, milestones, credit under two rules (effort, waits: effort; the rep's word: picks)
month        the month's traffic and leads from content, what its revenue is credited to, its won deals
asks         the closing ask: a buyers' question that nothing published answers
names        the names that may not be said, and how they are taken out of what people wrote
masks        the presets inside, partner and public: amounts as bands, names as roles
issue        spotlight(): all of it as one frozen view, already masked
"""
