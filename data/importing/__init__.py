"""Files in and out; the only importer of `geopandas`."""
