/** Freezes a JSON value with all that is in it. What is given to many may so not be changed by one of them. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
