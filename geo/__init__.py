"""Where things are: points, datums, cells, shapes, grids, nearest — arrays in, arrays out, no I/O."""
