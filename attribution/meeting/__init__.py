"""The revenue team's meeting: timed blocks over the data, each with its computed answer, its picture and its records.

block.py     what every block is made of, and what it may look at
agenda.py    AGENDA, the blocks in the order of the meeting
"""
