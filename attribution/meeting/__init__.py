"""The revenue team's meeting: timed blocks over the data, each with its computed answer, its picture and its records.

block.py     what every block is made of, and what it may look at
context.py   what the blocks of one meeting look at: the data, the meeting before it, and what was written down
agenda.py    AGENDA, the blocks in the order of the meeting; minutes.py how long each takes
"""
