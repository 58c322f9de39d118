"""From degrees to the faces of H3's icosahedron and to the plane of each.

A face's plane is gnomonic. Positions on it are axial: `a` along the way from the face's middle to its first
corner, `b` 120° to the left of it (seen from outside), in units of the distance between neighbouring cells'
centres at resolution 0: a corner of the face lies at (2, 0), (0, 2) or (-2, -2).

The icosahedron is turned so that its corners are (0, ±1, ±g), (±1, ±g, 0) and (±g, 0, ±1), g the golden ratio. Then
a point's signs and one comparison for each axis tell its face, and mirrored into the octant without signs every
point lies on one of two kinds of face: the octant's own (0 to 7: a bit for each negative sign of x, y, z), or the
one in the middle of which one axis is 0 (8 to 11 for x, 12 to 15 for y, 16 to 19 for z: the other two's bits),
which is the first of them once the axes are exchanged cyclically.
"""

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from geo.cells import icosahedron

GOLDEN = (1 + math.sqrt(5)) / 2
UNIT = 1 / GOLDEN**2  # of resolution 0 in the plane of a face on a sphere of radius 1
TURN = math.asin(math.sqrt(3 / 28))  # between lattices of neighbouring resolutions
RADIANS = math.pi / 180
CONTRACT = {"contract"}  # a product and a sum may be rounded once instead of twice: more exact, and faster
BESIDE = 0.4  # corners whose directions' product is above it are neighbours: 63.4°, the next ones 116.6°

Vector = NDArray[np.float64]


def _vectors(lng: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    east, north = np.radians(lng), np.radians(lat)
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def _axes() -> NDArray[np.float64]:
    """Find the axes in which H3's icosahedron has the corners named above: rows x, y, z."""
    corners = _vectors(*icosahedron().T)
    one = corners[0]
    two = corners[np.flatnonzero(corners @ one > BESIDE)[1]]
    z, y = one + two, one - two
    z, y = z / np.linalg.norm(z), y / np.linalg.norm(y)
    return np.array([np.cross(y, z), y, z])


AXES = _axes()


def _plane(first: Vector, second: Vector, third: Vector) -> NDArray[np.float64]:
    """Derive a face's plane from its corners, anticlockwise: rows such that a = row₀·p / row₂·p, b = row₁·p / row₂·p."""
    middle = first + second + third
    middle /= np.linalg.norm(middle)
    x = first - middle * (first @ middle)
    x /= np.linalg.norm(x)
    y = np.cross(middle, x)
    return np.array([(x + y / math.sqrt(3)) / UNIT, 2 / math.sqrt(3) * y / UNIT, middle])


def _kinds() -> NDArray[np.float64]:
    """Derive the planes of both kinds of face, (2, 3, 3): the one with x = 0 in its middle, the octant's own."""
    one, two = np.array([1, GOLDEN, 0]), np.array([0, 1, GOLDEN])
    return np.array([_plane(one, one * [-1, 1, 1], two), _plane(one, two, np.array([GOLDEN, 0, 1]))])


KINDS = _kinds()


def _faces() -> NDArray[np.float64]:
    """Derive every face's plane for unit vectors as they come: float64 (20, 3, 3)."""
    faces = []
    for face in range(20):
        kind, bits = (1, face) if face < 8 else (0, face & 3)
        signs = 1.0 - 2 * np.array([bits >> 2 & 1, bits >> 1 & 1, bits & 1])
        a, b, middle = KINDS[kind] * signs
        rows = np.array([b, a, middle] if signs.prod() < 0 else [a, b, middle])
        if face >= 8:
            rows = np.roll(rows, (face - 8) // 4, axis=1)
        faces.append(rows @ AXES)
    return np.array(faces)


FACES = _faces()


def _scales() -> NDArray[np.float64]:
    """Give the matrix that turns axial positions of resolution 0 into those of each resolution: (16, 4)."""
    scales = []
    for resolution in range(16):
        size, turn = math.sqrt(7) ** resolution, -TURN if resolution % 2 else 0.0
        cosine, sine = size * math.cos(turn), size * math.sin(turn) / math.sqrt(3)
        scales.append([cosine + sine, -2 * sine, 2 * sine, cosine - sine])
    return np.array(scales)


SCALES = _scales()


@nb.njit(inline="always", fastmath=CONTRACT)
def sine_of(r):
    """Return the sine of `r` radians within ±45°, by its series: right to the last bit or two."""
    s = r * r
    t = 1.6059043836821613e-10 - s * (7.647163731819816e-13 - s * 2.8114572543455206e-15)
    t = 2.7557319223985893e-06 - s * (2.505210838544172e-08 - s * t)
    t = 8.333333333333333e-03 - s * (1.984126984126984e-04 - s * t)
    return r - r * s * (1.6666666666666666e-01 - s * t)


@nb.njit(inline="always", fastmath=CONTRACT)
def cosine_of(r):
    """Return the cosine of `r` radians within ±45°, by its series."""
    s = r * r
    t = 2.08767569878681e-09 - s * (1.1470745597729725e-11 - s * 4.779477332387385e-14)
    t = 2.48015873015873e-05 - s * (2.755731922398589e-07 - s * t)
    t = 4.1666666666666664e-02 - s * (1.388888888888889e-03 - s * t)
    return 1 - s * (0.5 - s * t)


@nb.njit(inline="always", fastmath=CONTRACT)
def unit_vector(lng, lat):
    """Return where finite degrees point: x, y, z. Quarters are taken off in degrees, where that is exact."""
    quarters = np.rint(lng * (1 / 90))  # -2 to 2
    east = (lng - 90 * quarters) * RADIANS
    sine, cosine = sine_of(east), cosine_of(east)
    odd = abs(quarters) == 1
    east_sine = cosine if odd else sine
    east_cosine = sine if odd else cosine
    east_sine = -east_sine if (quarters == -1) | (abs(quarters) == 2) else east_sine
    east_cosine = -east_cosine if (quarters == 1) | (abs(quarters) == 2) else east_cosine
    half = lat * (RADIANS * 0.5)  # within 45°
    sine, cosine = sine_of(half), cosine_of(half)
    level = (cosine - sine) * (cosine + sine)
    return level * east_cosine, level * east_sine, 2 * sine * cosine


@nb.njit(inline="always", fastmath=CONTRACT)
def to_face(x, y, z):
    """Put a unit vector onto the face it lies in: face, a, b; on a border onto one of the two."""
    p = AXES[0, 0] * x + AXES[0, 1] * y + AXES[0, 2] * z
    q = AXES[1, 0] * x + AXES[1, 1] * y + AXES[1, 2] * z
    r = AXES[2, 0] * x + AXES[2, 1] * y + AXES[2, 2] * z
    u, v, w = abs(p), abs(q), abs(r)
    about_x = GOLDEN * v > GOLDEN * GOLDEN * u + w  # outside the octant's own face, on the side of x = 0
    about_y = GOLDEN * w > GOLDEN * GOLDEN * v + u
    about_z = GOLDEN * u > GOLDEN * GOLDEN * w + v
    beside = about_x | about_y | about_z
    one = q if about_y else (r if about_z else p)
    two = r if about_y else (p if about_z else q)
    three = p if about_y else (q if about_z else r)
    u, v, w = abs(one), abs(two), abs(three)
    across, along = KINDS[0, 0, 0] * u, KINDS[0, 0, 1] * v + KINDS[0, 0, 2] * w
    a = KINDS[1, 0, 0] * u + KINDS[1, 0, 1] * v + KINDS[1, 0, 2] * w
    b = KINDS[1, 1, 0] * u + KINDS[1, 1, 1] * v + KINDS[1, 1, 2] * w
    down = KINDS[1, 2, 0] * (u + v + w)
    a = along + across if beside else a
    b = along - across if beside else b
    scale = 1 / (KINDS[0, 2, 1] * v + KINDS[0, 2, 2] * w if beside else down)
    mirrored = (one < 0) ^ (two < 0) ^ (three < 0)
    group = 12 if about_y else (16 if about_z else (8 if about_x else (4 if one < 0 else 0)))
    face = group + (2 if two < 0 else 0) + (1 if three < 0 else 0)
    return face, (b if mirrored else a) * scale, (a if mirrored else b) * scale


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=CONTRACT)
def to_planes(lng, lat, face, a, b):
    """Fill `face` (int8; -1 where not on Earth) and `a`, `b` (float64; 0 there) for degrees `lng`, `lat`, all (k,)."""
    for k in range(len(lng)):
        on_earth = (abs(lng[k]) <= 180) & (abs(lat[k]) <= 90)
        x, y, z = unit_vector(lng[k], lat[k])
        f, p, q = to_face(x, y, z)
        face[k] = f if on_earth else -1
        a[k] = p if on_earth else 0.0
        b[k] = q if on_earth else 0.0


@nb.njit(inline="always", fastmath=CONTRACT)
def on_plane(face, x, y, z):
    """Put a unit vector onto a face's plane: a, b and the slack to its nearest side, negative outside."""
    down = FACES[face, 2, 0] * x + FACES[face, 2, 1] * y + FACES[face, 2, 2] * z
    scale = 1 / down
    a = (FACES[face, 0, 0] * x + FACES[face, 0, 1] * y + FACES[face, 0, 2] * z) * scale
    b = (FACES[face, 1, 0] * x + FACES[face, 1, 1] * y + FACES[face, 1, 2] * z) * scale
    slack = 1 + min(a - 0.5 * b, b - 0.5 * a, -0.5 * (a + b))
    return a, b, slack if down > 0.1 else -1e9


@nb.njit(inline="always", fastmath=CONTRACT)
def nearest_face(x, y, z):
    """Find the face a unit vector lies in."""
    return to_face(x, y, z)[0]


@nb.njit(inline="always", fastmath=CONTRACT)
def round_hex(a, b):
    """Round an axial position to the cell whose centre is nearest: i, j (whole floats), and the slack to its edge.

    The slack is 1 in the cell's middle and 0 on its edge; half of it is the distance from the edge in cell widths.
    """
    i, j = np.floor(a + 0.5), np.floor(b + 0.5)
    p, q = a - i, b - j
    u, v, w = 2 * p - q, 2 * q - p, p + q  # nearer to the neighbour (1, 0) than to (0, 0) where u > 1; (0, 1): v > 1
    far_u, far_v = abs(u), abs(v)
    across = far_u >= far_v
    s = (1.0 if u > 0 else -1.0) if (far_u > 1) & across else 0.0
    t = (1.0 if v > 0 else -1.0) if (far_v > 1) & (not across) else 0.0
    slack = 1 - max(abs(u - 2 * s + t), abs(v - 2 * t + s), abs(w - s - t))
    return i + s, j + t, slack


@nb.njit(inline="always", fastmath=CONTRACT)
def to_hex(a, b):
    """Do the same with i, j as integers."""
    i, j, slack = round_hex(a, b)
    return int(i), int(j), slack
