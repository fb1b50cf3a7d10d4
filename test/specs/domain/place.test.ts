import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, boxesOf, distance, EARTH_RADIUS, isInside, type Point, snapped } from "../../../src/domain/place.ts";
import { runs, seed } from "../../support/property.ts";

const at = (latitude: number, longitude: number): Point => ({ latitude, longitude });

const degrees = (most: number) =>
  fc.oneof(
    fc.integer({ min: -most * 1e6, max: most * 1e6 }).map((millionths) => millionths / 1e6),
    fc.integer({ min: -most, max: most }),
    fc.constantFrom(-most, most, 0),
  );
const point = fc.record({ latitude: degrees(90), longitude: degrees(180) });
const polygon = fc.oneof(
  fc.array(point, { minLength: 3, maxLength: 8 }),
  // Round a middle; near a pole, round that.
  fc
    .tuple(point, fc.array(fc.tuple(fc.double({ min: 1, max: 60, noNaN: true }), fc.nat(359)), { minLength: 3, maxLength: 12 }))
    .map(([{ latitude, longitude }, corners]) =>
      [...corners]
        .sort((one, other) => one[1] - other[1])
        .map(([far, angle]) => {
          const north = latitude + far * Math.cos((angle * Math.PI) / 180);
          const east = longitude + (far * 2 * Math.sin((angle * Math.PI) / 180)) / (1.01 - Math.abs(latitude) / 90);
          return at(Math.max(-90, Math.min(90, north)), ((((east + 180) % 360) + 360) % 360) - 180);
        }),
    ),
  fc
    .tuple(
      fc.constantFrom(1, -1),
      fc.array(fc.tuple(fc.integer({ min: 20, max: 89 }), fc.nat(359)), { minLength: 4, maxLength: 12 }),
    )
    .map(([pole, corners]) =>
      [...corners].sort((one, other) => one[1] - other[1]).map(([latitude, longitude]) => at(pole * latitude, longitude - 180)),
    ),
);

/** The angle between two directions from the middle of the Earth, times its radius. */
function distanceInSpace(one: Point, other: Point): number {
  const direction = ({ latitude, longitude }: Point): [number, number, number] => {
    const [north, east] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
    return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
  };
  const [a, b] = [direction(one), direction(other)];
  const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  const sum = Math.hypot(a[0] + b[0], a[1] + b[1], a[2] + b[2]);
  return EARTH_RADIUS * 2 * Math.atan2(chord, sum);
}

/** The polygon laid out on a plane, over the pole where it goes round one, and looked at from the west. */
function isInsideOnPlane(point: Point, polygon: readonly Point[]): { inside: boolean; toBorder: number } {
  const corners: Point[] = [];
  for (const corner of [...polygon, polygon[0] as Point]) {
    const before = corners.at(-1)?.longitude ?? corner.longitude;
    let longitude = corner.longitude;
    const turn = (by: number) => (longitude += by);
    while (longitude - before > 180) turn(-360);
    while (longitude - before < -180) turn(360);
    // Just as far both ways: as the numbers say.
    const previous = polygon[corners.length - 1];
    if (previous && Math.abs(previous.longitude - corner.longitude) === 180)
      longitude = before + (corner.longitude - previous.longitude);
    corners.push(at(corner.latitude, longitude));
  }
  const [first, last] = [corners[0] as Point, corners.at(-1) as Point];
  if (Math.round(Math.abs(last.longitude - first.longitude) / 360) % 2 === 1) {
    const pole = polygon.reduce((sum, { latitude }) => sum + latitude, 0) >= 0 ? 90 : -90;
    corners.push(at(pole, last.longitude), at(pole, first.longitude));
  }
  let inside = false;
  let toBorder = Infinity;
  for (const turn of [-1_440, -1_080, -720, -360, 0, 360, 720, 1_080, 1_440]) {
    const [x, y] = [point.longitude + turn, point.latitude];
    corners.forEach((from, place) => {
      const to = corners[(place + 1) % corners.length] as Point;
      if (from.latitude > y !== to.latitude > y) {
        const crossing = from.longitude + ((y - from.latitude) / (to.latitude - from.latitude)) * (to.longitude - from.longitude);
        if (crossing > x) inside = !inside;
      }
      const [dx, dy] = [to.longitude - from.longitude, to.latitude - from.latitude];
      const part = dx === 0 && dy === 0 ? 0 : ((x - from.longitude) * dx + (y - from.latitude) * dy) / (dx * dx + dy * dy);
      const near = Math.max(0, Math.min(1, part));
      toBorder = Math.min(toBorder, Math.hypot(x - from.longitude - near * dx, y - from.latitude - near * dy));
    });
  }
  return { inside, toBorder };
}

const holds = ({ south, north, west, east }: Box, { latitude, longitude }: Point): boolean =>
  latitude >= south && latitude <= north && longitude >= west && longitude <= east;
const holding = (boxes: readonly Box[], point: Point): number => boxes.filter((box) => holds(box, point)).length;

describe("the grid that places are snapped to", () => {
  const places = fc.oneof(
    point,
    // Near the poles, and beside the antimeridian.
    fc.record({
      latitude: fc.double({ min: 89.99, max: 90, noNaN: true }).chain((high) => fc.constantFrom(high, -high)),
      longitude: degrees(180),
    }),
    fc.record({
      latitude: degrees(90),
      longitude: fc.double({ min: 179.999, max: 180, noNaN: true }).chain((far) => fc.constantFrom(far, -far)),
    }),
  );
  const bent = (place: Point): Point => ({ ...place, longitude: place.longitude === 180 ? -180 : place.longitude });

  it("takes each point to the middle of its cell, and the middle to itself", () => {
    fc.assert(
      fc.property(places, (place) => {
        const middle = snapped(place);
        expect(snapped(middle)).toEqual(middle);
        expect(Math.abs(middle.latitude - place.latitude)).toBeLessThanOrEqual(0.000_500_001);
        expect(Math.abs(middle.longitude)).toBeLessThan(180);
        expect(Math.abs(middle.latitude)).toBeLessThan(90);
        expect(snapped(bent(place))).toEqual(middle);
      }),
      { numRuns: runs(), seed: seed("the grid") },
    );
  });

  it("has cells of at least 100 m both ways, also near the poles", () => {
    fc.assert(
      fc.property(places, (place) => {
        const middle = snapped(place);
        // As far as it goes to the east at the cell's narrower edge, found by halving.
        const edge = middle.latitude + Math.sign(middle.latitude || 1) * 0.000_499_999;
        const isSame = (longitude: number) => snapped({ latitude: edge, longitude }).longitude === middle.longitude;
        let [inside, outside] = [middle.longitude, 180 - 1e-12];
        if (isSame(outside)) inside = outside;
        for (let step = 0; step < 60; step++) {
          const half = (inside + outside) / 2;
          if (isSame(half)) inside = half;
          else outside = half;
        }
        const around = Math.cos((edge * Math.PI) / 180) * EARTH_RADIUS * 2 * Math.PI;
        const wide = (2 * (inside - middle.longitude) * around) / 360;
        // At a pole the cell is all that is within 111 m of it.
        if (Math.abs(middle.latitude) < 89.999) expect(wide).toBeGreaterThanOrEqual(99.99);
        expect((0.001 * Math.PI * EARTH_RADIUS) / 180).toBeGreaterThan(100);
      }),
      { numRuns: runs(), seed: seed("the cells") },
    );
  });

  it("makes one cell of a pole", () => {
    for (const latitude of [90, 89.9995, -90, -89.9995]) expect(snapped(at(latitude, 170))).toEqual(snapped(at(latitude, -20)));
  });
});

describe("distance", () => {
  it("is that along the great circle", () => {
    expect(distance(at(31.2304, 121.4737), at(39.9042, 116.4074))).toBeCloseTo(1_067_310, -2);
    expect(distance(at(0, 179.5), at(0, -179.5))).toBeCloseTo((EARTH_RADIUS * Math.PI) / 180, 3);
    expect(distance(at(90, 0), at(-90, 77))).toBeCloseTo(EARTH_RADIUS * Math.PI, 3);
    expect(distance(at(90, 13), at(90, -120))).toBeCloseTo(0, 6);
    expect(distance(at(1, 2), at(1, 2))).toBe(0);
  });

  it("is that in space, for any two points", () => {
    fc.assert(
      fc.property(point, point, (one, other) => {
        // Where they are nearly opposite, the haversine is out by centimetres.
        expect(Math.abs(distance(one, other) - distanceInSpace(one, other))).toBeLessThan(0.2);
      }),
      { numRuns: runs(1_000), seed: seed("distance") },
    );
  });
});

describe("a polygon", () => {
  it("is told by hand", () => {
    const square = [at(0, 0), at(0, 10), at(10, 10), at(10, 0)];
    expect([at(5, 5), at(5, -5), at(11, 5), at(5, 365 - 360)].map((each) => isInside(each, square))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const fiji = [at(-15, 175), at(-15, -178), at(-20, -178), at(-20, 175)];
    expect(
      [at(-17, 180), at(-17, -180), at(-17, 176), at(-17, -179), at(-17, -177), at(-17, 0)].map((p) => isInside(p, fiji)),
    ).toEqual([true, true, true, true, false, false]);
    const arctic = [at(66, 0), at(66, 90), at(66, 180), at(66, -90)];
    expect([at(90, 0), at(67, 12), at(65, 12), at(-90, 0)].map((p) => isInside(p, arctic))).toEqual([true, true, false, false]);
    const antarctic = arctic.map(({ latitude, longitude }) => at(-latitude, longitude)).reverse();
    expect([at(-90, 0), at(-67, 12), at(-65, 12), at(90, 0)].map((p) => isInside(p, antarctic))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    // A bow: what its edges part.
    const bow = [at(0, 0), at(10, 10), at(10, 0), at(0, 10)];
    expect([at(1, 5), at(9, 5), at(5, 1), at(5, 9)].map((p) => isInside(p, bow))).toEqual([true, true, false, false]);
    expect(isInside(at(5, 5), [at(5, 5), at(5, 5), at(5, 5)])).toBe(false);
  });

  it("holds what it holds on a plane, at the antimeridian and at the poles too", () => {
    fc.assert(
      fc.property(polygon, point, (corners, where) => {
        const { inside, toBorder } = isInsideOnPlane(where, corners);
        fc.pre(toBorder > 1e-9);
        expect(isInside(where, corners)).toBe(inside);
      }),
      { numRuns: runs(5_000), seed: seed("polygon") },
    );
  });

  it("lies in its boxes, and no point in two of them", () => {
    fc.assert(
      fc.property(polygon, fc.array(point, { minLength: 20, maxLength: 20 }), (corners, points) => {
        const boxes = boxesOf(corners);
        for (const where of [...points, ...corners]) {
          const count = holding(boxes, where);
          expect(count).toBeLessThanOrEqual(1);
          if (isInside(where, corners)) expect(count).toBe(1);
        }
        for (const { latitude } of corners)
          expect(boxes.some(({ south, north }) => latitude >= south && latitude <= north)).toBe(true);
      }),
      { numRuns: runs(2_000), seed: seed("boxes of a polygon") },
    );
  });
});

describe("a circle", () => {
  const radius = fc.oneof(
    fc.double({ min: 0.001, max: 20_100_000, noNaN: true }),
    fc.double({ min: 0.001, max: 5_000, noNaN: true }),
  );

  it("lies in its boxes, and no point in two of them", () => {
    fc.assert(
      fc.property(point, radius, fc.nat(359), fc.double({ min: 0, max: 1, noNaN: true }), (middle, far, angle, part) => {
        const boxes = boxesOf({ ...middle, radius: far });
        const where = pointFrom(middle, far * part, angle);
        fc.pre(distance(middle, where) <= far);
        expect(holding(boxes, where)).toBe(1);
        expect(holding(boxes, { ...where, longitude: where.longitude === 180 ? -180 : where.longitude })).toBe(1);
      }),
      { numRuns: runs(5_000), seed: seed("boxes of a circle") },
    );
  });

  it("has boxes that fit, where it holds no pole", () => {
    const degree = (EARTH_RADIUS * Math.PI) / 180;
    const [box, ...others] = boxesOf({ ...at(0, 10), radius: degree });
    expect(others).toEqual([]);
    for (const [side, degrees] of Object.entries({ south: -1, north: 1, west: 9, east: 11 }))
      expect(box?.[side as keyof Box]).toBeCloseTo(degrees, 5);
    expect(boxesOf({ ...at(0, 180), radius: degree })).toHaveLength(2);
    expect(boxesOf({ ...at(89.5, 0), radius: degree })).toEqual([
      { south: expect.closeTo(88.5, 5) as number, north: 90, west: -180, east: 180 },
    ]);
    expect(boxesOf({ ...at(12, 34), radius: 20_100_000 })).toEqual([{ south: -90, north: 90, west: -180, east: 180 }]);
  });
});

/** The point so many metres from there in a direction (degrees from north). */
function pointFrom({ latitude, longitude }: Point, metres: number, direction: number): Point {
  const [north, turn, angle] = [latitude, direction, (metres / EARTH_RADIUS) * (180 / Math.PI)].map(
    (d) => (d * Math.PI) / 180,
  ) as [number, number, number];
  const sine = Math.sin(north) * Math.cos(angle) + Math.cos(north) * Math.sin(angle) * Math.cos(turn);
  const to = Math.asin(Math.max(-1, Math.min(1, sine)));
  const east = Math.atan2(Math.sin(turn) * Math.sin(angle) * Math.cos(north), Math.cos(angle) - Math.sin(north) * Math.sin(to));
  const degrees = longitude + (east * 180) / Math.PI;
  return at((to * 180) / Math.PI, degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees);
}
