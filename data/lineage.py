"""Lineage: which version of a grid the ground of another came from."""

from sqlalchemy import CheckConstraint, Column, Double, ForeignKey, Integer, Table

from data.schema import metadata

grid_lineage = Table(
    "grid_lineage",
    metadata,
    Column("before", ForeignKey("grid.id"), primary_key=True),
    Column("after", ForeignKey("grid.id"), primary_key=True, index=True),
    Column("m2", Double, nullable=False),
    Column("households", Integer, nullable=False),
    CheckConstraint("m2 > 0 AND households >= 0", name="counted"),
    CheckConstraint("before <> after", name="not_of_itself"),
)
"""`m2` and `households`: how much of the version before went over to the one after."""
