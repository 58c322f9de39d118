"""What the base map shows: water and green, streets, buildings."""

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, Table, Text

from data.schema import id_column, metadata, shape_columns

ground = Table(
    "ground",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    *shape_columns("POLYGON"),
    CheckConstraint("kind IN ('water', 'green', 'plaza')", name="kind"),
    Index("ground_shape_3857_gist", "shape_3857", postgresql_using="gist"),
)

street = Table(
    "street",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("class", Text, nullable=False),
    *shape_columns("LINESTRING", "line"),
    CheckConstraint("class IN ('main', 'secondary', 'lane')", name="class"),
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
    CheckConstraint("kind IN ('home', 'shop', 'public', 'work')", name="kind"),
    CheckConstraint("storeys BETWEEN 1 AND 200", name="storeys"),
    Index("building_shape_3857_gist", "shape_3857", postgresql_using="gist"),
)
