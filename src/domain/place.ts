/** Degrees. Longitudes are −180 to 180, both of which name the same meridian. */
export type Point = { latitude: number; longitude: number };

/** The points at most `radius` metres from its centre, along the great circle. */
export type Circle = Point & { radius: number };

/** Degrees, its edges included; `west` is never east of `east`. */
export type Box = { south: number; north: number; west: number; east: number };

/** Metres: the mean radius of the Earth (IUGG). */
export const EARTH_RADIUS = 6_371_008.77;

const RADIANS = Math.PI / 180;

/** Metres from one point to another along the great circle, the Earth being a sphere (haversine). */
export function distance(one: Point, other: Point): number {
  const latitude = Math.sin(((other.latitude - one.latitude) * RADIANS) / 2);
  const longitude = Math.sin(((other.longitude - one.longitude) * RADIANS) / 2);
  const cosines = Math.cos(one.latitude * RADIANS) * Math.cos(other.latitude * RADIANS);
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(latitude * latitude + cosines * longitude * longitude)));
}

/** Degrees of latitude from one row of cells to the next: 111.19 m. */
const ROWS = 180_000;
const CELL = 180 / ROWS;
/** The least width of a cell, in metres. */
const WIDE = 100;

/**
 * The middle of the cell that a point is in. This is all that others can learn about somebody's place, whatever they ask. Cells
 * are rows of 1/1000 of a degree of latitude. Each row is cut into equal parts, beginning at the antimeridian, none of them less
 * than 100 m wide at its narrower edge; at a pole the row is one cell. The middle of a cell is in that cell. −180° and 180° name
 * the same place, and all longitudes of a pole do.
 */
export function snapped({ latitude, longitude }: Point): Point {
  const row = Math.min(ROWS - 1, Math.floor((latitude + 90) / CELL));
  const [south, north] = [row / (ROWS / 180) - 90, (row + 1) / (ROWS / 180) - 90];
  // The edge that is closer to a pole.
  const narrow = Math.cos(Math.max(Math.abs(south), Math.abs(north)) * RADIANS) * EARTH_RADIUS * 2 * Math.PI;
  const cells = Math.max(1, Math.floor(narrow / WIDE));
  const cell = Math.floor(((longitude + 180) / 360) * cells) % cells;
  return { latitude: (south + north) / 2, longitude: ((cell + 0.5) / cells) * 360 - 180 };
}

/** From corner to corner, the short way round: `crosses` if that is over the antimeridian. */
type Edge = { from: Point; to: Point; crosses: boolean };

const edgesOf = (polygon: readonly Point[]): Edge[] =>
  polygon.map((from, place) => {
    const to = polygon[(place + 1) % polygon.length] ?? from;
    return { from, to, crosses: Math.abs(to.longitude - from.longitude) > 180 };
  });

/** The pole that the edges go round: the one that their corners are closer to. Undefined: none. */
function poleOf(edges: readonly Edge[]): "north" | "south" | undefined {
  if (edges.filter((edge) => edge.crosses).length % 2 === 0) return undefined;
  return edges.reduce((sum, { from }) => sum + from.latitude, 0) >= 0 ? "north" : "south";
}

/** The longitude of the corner at the end of an edge, counted on from the beginning of the edge: it may be beyond ±180. */
const longitudeOfEnd = ({ from, to, crosses }: Edge): number =>
  crosses ? to.longitude + (to.longitude < from.longitude ? 360 : -360) : to.longitude;

/**
 * Whether the edge meets the meridian. If two edges share a corner on it, exactly one of them does. No sums are formed, so
 * nothing is rounded.
 */
const meets = ({ from, to, crosses }: Edge, longitude: number): boolean =>
  (from.longitude > longitude !== to.longitude > longitude) !== crosses;

/** The latitude at which an edge meets the meridian. */
function latitudeAt(edge: Edge, longitude: number): number {
  const { from, to } = edge;
  const degrees = longitudeOfEnd(edge) - from.longitude;
  // From −180 to 180.
  if (degrees === 0) return from.latitude;
  const way = longitude - from.longitude;
  // Counted from the beginning of the edge, the meridian may be beyond ±180.
  const part = (Math.abs(way) > 180 ? way - Math.sign(way) * 360 : way) / degrees;
  return from.latitude + part * (to.latitude - from.latitude);
}

/**
 * Whether a point is inside a polygon, which is closed by itself. Its edges are straight in degrees. Neighbouring corners that
 * are more than 180° of longitude apart are joined across the antimeridian. A polygon that goes round a pole contains the pole
 * that its corners are closer to. If it crosses itself, what it contains twice is outside. A point on the border may be in or
 * out.
 */
export function isInside(point: Point, polygon: readonly Point[]): boolean {
  const edges = edgesOf(polygon);
  const isNorth = poleOf(edges) === "north";
  let inside = false;
  for (const edge of edges) {
    if (!meets(edge, point.longitude)) continue;
    const latitude = latitudeAt(edge, point.longitude);
    // Away from the pole that it holds.
    if (isNorth ? latitude < point.latitude : latitude > point.latitude) inside = !inside;
  }
  return inside;
}

/** How many degrees the boxes reach out further, to cover errors of rounding: a centimetre. */
const MARGIN = 1e-7;

/** Boxes that do not overlap and together contain a whole circle, or a whole polygon. */
export function boxesOf(shape: Circle | readonly Point[]): Box[] {
  return "radius" in shape ? boxesOfCircle(shape) : boxesOfPolygon(shape);
}

function boxesOfCircle({ latitude, longitude, radius }: Circle): Box[] {
  const angle = radius / EARTH_RADIUS;
  const [south, north] = [latitude - angle / RADIANS, latitude + angle / RADIANS];
  // A pole is inside, and every meridian with it.
  if (south - MARGIN <= -90 || north + MARGIN >= 90) return boxesBetween(south, north, -180, 180);
  const degrees = Math.asin(Math.min(1, Math.sin(angle) / Math.cos(latitude * RADIANS))) / RADIANS;
  return boxesBetween(south, north, longitude - degrees, longitude + degrees);
}

function boxesOfPolygon(polygon: readonly Point[]): Box[] {
  const edges = edgesOf(polygon);
  const latitudes = polygon.map((corner) => corner.latitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const pole = poleOf(edges);
  if (pole) return boxesBetween(pole === "south" ? -90 : south, pole === "north" ? 90 : north, -180, 180);
  // The corners one after the other, without a jump at ±180.
  let at = polygon[0]?.longitude ?? 0;
  const longitudes = edges.map((edge) => (at += longitudeOfEnd(edge) - edge.from.longitude));
  return boxesBetween(south, north, Math.min(...longitudes), Math.max(...longitudes));
}

/** With the margin; `west` and `east` may be beyond ±180. */
function boxesBetween(south: number, north: number, west: number, east: number): Box[] {
  const latitudes = { south: Math.max(-90, south - MARGIN), north: Math.min(90, north + MARGIN) };
  const box = (from: number, to: number): Box => ({ ...latitudes, west: from, east: to });
  if (east - west + 2 * MARGIN >= 360) return [box(-180, 180)];
  // How far east of −180 the western edge is.
  const turns = Math.floor((west - MARGIN + 180) / 360) * 360;
  const [from, to] = [west - MARGIN - turns, east + MARGIN - turns];
  return to >= 180 ? [box(from, 180), box(-180, to - 360)] : [box(from, to)];
}
