"""OpenStreetMap's tags in our words: classes of streets, kinds of buildings, what is water, green or a plaza.

The tables follow the meaning that the map's own documentation gives the tags (docs/sources.md#openstreetmap);
what they do not name is left out and counted.
"""

import re
from collections.abc import Mapping

type Tags = Mapping[str, str]

LONGEST_TEXT = 200
MOST_STOREYS = 200
STREET_CLASSES = {
    "motorway": "main",
    "motorway_link": "main",
    "trunk": "main",
    "trunk_link": "main",
    "primary": "main",
    "primary_link": "main",
    "secondary": "secondary",
    "secondary_link": "secondary",
    "tertiary": "secondary",
    "tertiary_link": "secondary",
    "residential": "lane",
    "unclassified": "lane",
    "living_street": "lane",
    "service": "lane",
    "pedestrian": "lane",
    "road": "lane",
    "busway": "lane",
    "footway": "path",
    "path": "path",
    "cycleway": "path",
    "steps": "path",
    "track": "path",
    "bridleway": "path",
}
WATERWAY_M = {"river": 20.0, "canal": 12.0, "stream": 3.0, "drain": 2.0, "ditch": 1.5}
"""How wide a waterway drawn as a line is where nothing tells: ours, metres."""
WIDEST_WATERWAY_M = 2_000.0
GROUND_KINDS = (
    ("natural", "water", "water"),
    ("waterway", "riverbank", "water"),
    ("waterway", "dock", "water"),
    ("landuse", "reservoir", "water"),
    ("landuse", "basin", "water"),
    ("place", "square", "plaza"),
    ("highway", "pedestrian", "plaza"),
    ("leisure", "park", "green"),
    ("leisure", "garden", "green"),
    ("leisure", "golf_course", "green"),
    ("leisure", "pitch", "green"),
    ("leisure", "playground", "green"),
    ("landuse", "forest", "green"),
    ("landuse", "grass", "green"),
    ("landuse", "meadow", "green"),
    ("landuse", "orchard", "green"),
    ("landuse", "vineyard", "green"),
    ("landuse", "allotments", "green"),
    ("landuse", "cemetery", "green"),
    ("landuse", "recreation_ground", "green"),
    ("landuse", "village_green", "green"),
    ("natural", "wood", "green"),
    ("natural", "scrub", "green"),
    ("natural", "grassland", "green"),
    ("natural", "heath", "green"),
    ("natural", "wetland", "green"),
)
NO_BUILDINGS = {"no", "demolished", "ruins", "collapsed", "proposed", "razed", "construction"}
HOMES = "apartments residential house detached semidetached_house terrace bungalow dormitory farm hut cabin static_caravan"
SHOPS = "retail commercial supermarket kiosk mall hotel shop guest_house"
PUBLIC = (
    "school kindergarten university college hospital public civic government church chapel cathedral temple mosque "
    "shrine monastery museum library train_station station transportation stadium sports_hall fire_station toilets"
)
WORK = (
    "industrial warehouse office factory manufacture garage garages shed barn stable sty cowshed farm_auxiliary roof "
    "greenhouse glasshouse greenhouse_horticulture carport hangar utility service storage_tank silo bunker parking"
)
BUILDING_KINDS = {
    value: kind
    for kind, values in (("home", HOMES), ("shop", SHOPS), ("public", PUBLIC), ("work", WORK))
    for value in values.split()
}
NUMBER = re.compile(r"\d+(?:\.\d+)?")
CJK = re.compile(r"[\u3400-\u9fff]")


def text_of(value: str | None) -> str | None:
    """Tidy a text from a file: no control characters, no ends of blanks, at most 200 characters; None for nothing."""
    if value is None:
        return None
    plain = "".join(sign if sign.isprintable() else " " for sign in value)
    return " ".join(plain.split())[:LONGEST_TEXT].rstrip() or None


def name_of(tags: Tags) -> str | None:
    """Return the Chinese name, or else the local one."""
    return text_of(tags.get("name:zh") or tags.get("name"))


def street_class(tags: Tags) -> str | None:
    """Return the class of a street; None for what is not one, or is drawn as an area."""
    return None if tags.get("area") == "yes" else STREET_CLASSES.get(tags.get("highway", ""))


def ground_kind(tags: Tags) -> str | None:
    """Return water, plaza or green; None for other ground. A street's closed line is no plaza unless it says area."""
    for key, value, kind in GROUND_KINDS:
        if tags.get(key) == value and (key != "highway" or tags.get("area") == "yes"):
            return kind
    return None


def is_building(tags: Tags) -> bool:
    """Say whether a building stands there."""
    return tags.get("building", "no") not in NO_BUILDINGS


def building_kind(tags: Tags) -> str:
    """Return home, shop, public or work: by the kind of building, or else by what is in it, or else home."""
    by_building = BUILDING_KINDS.get(tags["building"])
    if by_building is not None:
        return by_building
    if "shop" in tags or tags.get("tourism") == "hotel":
        return "shop"
    if "amenity" in tags:
        return "public"
    return "work" if "office" in tags or "industrial" in tags or "man_made" in tags else "home"


def storeys_of(tags: Tags) -> int:
    """Return the storeys above ground, 1 where nothing readable tells."""
    found = NUMBER.match(tags.get("building:levels", "").strip())
    return max(1, min(MOST_STOREYS, int(float(found[0])))) if found else 1


def waterway_width_m(tags: Tags) -> float | None:
    """Return how wide a waterway's line is to be drawn; None for what is no open water."""
    usual = WATERWAY_M.get(tags.get("waterway", ""))
    if usual is None or tags.get("tunnel", "no") != "no":
        return None
    told = NUMBER.match(tags.get("width", "").strip())
    width = float(told[0]) if told else usual
    return width if 0 < width <= WIDEST_WATERWAY_M else usual


def address_of(tags: Tags) -> tuple[str | None, str, str] | None:
    """Return street, number and the whole as it is written on a plate; None where there is no house number."""
    number = text_of(tags.get("addr:housenumber"))
    if number is None:
        return None
    street = text_of(tags.get("addr:street:zh") or tags.get("addr:street") or tags.get("addr:place"))
    if street is None:
        return None, number, number
    if CJK.search(street):
        return street, number, f"{street}{number}{'号' if number[-1].isdigit() else ''}"
    return street, number, f"{street} {number}"
