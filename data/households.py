"""Households: an address and a point, in a building."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint

from data.schema import id_column, metadata, point_columns

household = Table(
    "household",
    metadata,
    id_column(),
    Column("building_id", ForeignKey("building.id"), index=True),
    Column("address", Text, nullable=False),
    *point_columns(),
    UniqueConstraint("address"),
    Index("household_point_gist", "point", postgresql_using="gist"),
    Index("household_cell_idx", "cell"),
)
