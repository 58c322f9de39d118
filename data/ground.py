"""What the base map shows: water and green, streets, buildings, house numbers."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, SmallInteger, Table, Text

from data.schema import id_column, metadata, point_columns, shape_columns, source_ref_column

ground = Table(
    "ground",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    *shape_columns("POLYGON"),
    source_ref_column(),
    CheckConstraint("kind IN ('water', 'green', 'plaza')", name="kind"),
    Index("ground_shape_3857_gist", "shape_3857", postgresql_using="gist"),
)

street = Table(
    "street",
    metadata,
    id_column(),
    Column("name", Text),
    Column("class", Text, nullable=False),
    *shape_columns("LINESTRING", "line"),
    source_ref_column(),
    CheckConstraint("class IN ('main', 'secondary', 'lane', 'path')", name="class"),
    Index("street_line_3857_gist", "line_3857", postgresql_using="gist"),
)

building = Table(
    "building",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("kind", Text, nullable=False),
    Column("storeys", SmallInteger, nullable=False),
    *shape_columns("POLYGON"),
    source_ref_column(),
    CheckConstraint("kind IN ('home', 'shop', 'public', 'work')", name="kind"),
    CheckConstraint("storeys BETWEEN 1 AND 200", name="storeys"),
    Index("building_shape_3857_gist", "shape_3857", postgresql_using="gist"),
)

address = Table(
    "address",
    metadata,
    id_column(),
    Column("street", Text),
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),
    *point_columns(),
    Column("building_id", ForeignKey("building.id"), index=True),
    source_ref_column(),
    Index("address_point_gist", "point", postgresql_using="gist"),
)
"""A house number of the public ground, as on its plate; nobody's home is told by it."""
