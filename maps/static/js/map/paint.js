/* How one tile is drawn: shade of the grids first, ground and buildings on it, streets, then the borders. */
const MAIN = { main: 3, secondary: 2, lane: 1, path: 0 };
/* Width of a street in px by zoom 12 … 19. */
const WIDTHS = {
  main: [1.6, 2, 3, 5, 8, 12, 18, 28],
  secondary: [0.8, 1.1, 1.8, 3, 5, 8, 13, 20],
  lane: [0, 0, 0.8, 1.2, 2.4, 4.5, 7, 11],
  path: [0, 0, 0, 0, 0, 1, 1.5, 2],
};
/* Width in px and dashes of a border by rank: the town's uppermost level first; what lies deeper is drawn like the last. */
const BORDERS = [
  { width: 3.2, dashes: [] },
  { width: 2.4, dashes: [12, 4] },
  { width: 1.8, dashes: [] },
  { width: 1.4, dashes: [6, 5] },
];

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export const borderOf = (rank) => BORDERS[clamp(rank, 1, BORDERS.length) - 1];

function trace(ink, rings, closed) {
  ink.beginPath();
  for (const ring of rings) {
    ring.forEach((point, place) => (place ? ink.lineTo(point.x, point.y) : ink.moveTo(point.x, point.y)));
    if (closed) ink.closePath();
  }
}

function paintGrids(ink, grids, { colours, shades }) {
  for (const grid of grids) {
    if (grid.type !== 3) continue;
    trace(ink, grid.geometry, true);
    ink.fillStyle = colours[`ground-${(shades.get(grid.properties.code) ?? 0) + 1}`];
    ink.fill("evenodd");
  }
}

function paintGround(ink, places, { colours }) {
  for (const place of places) {
    if (place.type !== 3) continue;
    trace(ink, place.geometry, true);
    ink.fillStyle = colours[place.properties.kind] ?? colours.plaza;
    ink.fill("evenodd");
  }
}

function paintBuildings(ink, buildings, { colours }) {
  ink.lineWidth = 1;
  ink.fillStyle = colours.building;
  ink.strokeStyle = colours["building-line"];
  for (const building of buildings) {
    if (building.type !== 3) continue;
    trace(ink, building.geometry, true);
    ink.fill("evenodd");
    ink.stroke();
  }
}

/* All casings before all streets, so that crossings stay open; one path a class, so that joints do not add up. */
function paintStreets(ink, streets, { colours, zoom }) {
  const step = clamp(zoom - 12, 0, 7);
  const classes = Object.keys(MAIN).sort((a, b) => MAIN[a] - MAIN[b]);
  ink.lineCap = ink.lineJoin = "round";
  const draw = (name, extra, colour) => {
    const width = WIDTHS[name][step];
    if (!width) return;
    const lines = streets.filter((street) => street.type === 2 && (street.properties.class in MAIN ? street.properties.class : "lane") === name);
    trace(ink, lines.flatMap((street) => street.geometry), false);
    ink.lineWidth = width + extra;
    ink.strokeStyle = colour;
    ink.setLineDash(name === "path" ? [3, 5] : []);
    ink.stroke();
    ink.setLineDash([]);
  };
  if (zoom >= 14) classes.slice(1).forEach((name) => draw(name, 2, colours["street-case"]));
  classes.forEach((name) => draw(name, 0, name === "main" ? colours["street-main"] : colours.street));
}

/* The deepest level first, so that a border that several levels share is drawn as the uppermost's. */
function paintBorders(ink, areas, { colours, zoom }) {
  const rank = ({ properties }) => properties.rank ?? BORDERS.length;
  ink.lineJoin = "round";
  for (const area of [...areas].sort((a, b) => rank(b) - rank(a))) {
    const { width, dashes } = borderOf(rank(area));
    trace(ink, area.geometry, area.type === 3);
    ink.strokeStyle = colours.outside;
    ink.lineWidth = width + 1.6;
    ink.setLineDash([]);
    ink.stroke();
    ink.strokeStyle = colours["border-area"];
    ink.lineWidth = zoom < 13 ? width * 0.75 : width;
    ink.setLineDash(dashes);
    ink.stroke();
  }
  ink.setLineDash([]);
}

function paintGridLines(ink, grids, { colours, zoom }) {
  ink.lineJoin = "round";
  ink.strokeStyle = colours.border;
  for (const grid of grids) {
    const own = grid.properties.kind === "dedicated";
    trace(ink, grid.geometry, grid.type === 3);
    ink.lineWidth = (zoom < 14 ? 0.7 : 1) * (own ? 1.6 : 1);
    ink.setLineDash(own && zoom >= 14 ? [2, 3] : []);
    ink.stroke();
  }
  ink.setLineDash([]);
}

function paintChosen(ink, grids, { colours, chosen }) {
  ink.strokeStyle = colours.chosen;
  ink.lineWidth = 3;
  ink.lineJoin = "round";
  for (const grid of grids) {
    if (grid.properties.code !== chosen) continue;
    trace(ink, grid.geometry, grid.type === 3);
    ink.stroke();
  }
}

/* A town whose grids have no shade (the phone) still shows its ground: the tile is filled first. */
export function paintTile(ink, layers, look) {
  if (layers.grids) paintGrids(ink, layers.grids, look);
  else {
    ink.fillStyle = look.colours["ground-1"];
    ink.fillRect(0, 0, 512, 512);
  }
  paintGround(ink, layers.ground ?? [], look);
  paintBuildings(ink, layers.buildings ?? [], look);
  paintStreets(ink, layers.streets ?? [], look);
  if (layers.grids) paintGridLines(ink, layers.grids, look);
  paintBorders(ink, layers.areas ?? [], look);
  paintChosen(ink, layers.grids ?? [], look);
}
