"""The revenue team's meeting: timed blocks over the data, each with its computed answer, its picture and its records.

block.py     what every block is made of, and what it may look at
context.py   what the blocks of one meeting look at: the data, the meeting before it, and what was written down
agenda.py    AGENDA, the blocks in the order of the meeting; minutes.py how long each takes
spans.py     the days a block looks at; links.py where a record opens; persons.py who is who; words.py definitions for hovers and the glossary
funnel*.py   where the one funnel leaks, on stages.py: who moved on, left, came back
promises.py, promise_records.py   hand-overs and first responses, counted in handovers.py, first_response.py and business_hours.py
stuck.py     who is in a stage longer than most, counted in waiting.py
content.py   what content next
"""
