/**
 * Whole years since a birthday (YYYY-MM-DD), in UTC. A birthday on the 29th of February counts on the 1st of March in other
 * years.
 */
export function ageOn(now: Date, birthday: string): number {
  const today = now.toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(birthday.slice(0, 4));
  return Math.max(0, today.slice(5) < birthday.slice(5) ? years - 1 : years);
}
