const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const STEP = 1_024;

/** A number of bytes for people: `512 bytes`, `1.5 GiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
