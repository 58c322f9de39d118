"""A believable Chinese town made from a seed: its ground, grids, buildings, households, workers and matters.

Plain values only: no database, no clock, no network. The same seed gives the same rows, bit for bit.
`town.make_town` makes the rows, `life` keeps them moving while the demo runs.
"""
