"""Compiled loops over arrays (numba): no objects, no errors raised, every function fed by the module above it."""
