"""The first line of every page: the answer to its question, computed, in one or two sentences of Markdown.

One file a page, and words.py for what several of them say. Pure functions of plain facts; tests hold golden sentences. An answer
names the rule and claims no cause, and where there is too little to compare it says so instead of ranking. Names come from users and
are escaped.
"""
