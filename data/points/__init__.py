"""Rows with a position in files: read, answered, written again; the only importer of `pyarrow`."""
