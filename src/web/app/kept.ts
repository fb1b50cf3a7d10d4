/** For all tabs of this browser, or for this tab alone. */
type Place = "localStorage" | "sessionStorage";

/** A browser may forbid to keep anything, and then throws where a page only looks: so it is as if nothing had been kept. */
function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

export const keptIn = (place: Place, key: string): string | null => tried(() => globalThis[place].getItem(key)) ?? null;
export const keepIn = (place: Place, key: string, text: string): void => tried(() => globalThis[place].setItem(key, text));
export const forgetIn = (place: Place, key: string): void => tried(() => globalThis[place].removeItem(key));
