"""A generated world whose truth is known, and how far each model is from it: what no data of a company can show.

world.py       journeys of buyers, each channel with a known causal effect on winning; some have none but tag along
models.py      every model of the registry over those journeys, with the ledger's own statement; Markov; a hold-out
trial.py       each model's error against the truth by number of journeys, over several worlds of each size
"""
