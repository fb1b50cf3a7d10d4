import { type ApiError, badInput, badRequest } from "../errors.ts";
import type { TransportConfig } from "../limits.ts";
import type { RateLimit } from "../rateLimit.ts";
import type { Variables } from "./givenInputs.ts";
import type { Operation } from "./operations.ts";
import { ITEMS_MAX, type Price } from "./price.ts";

/** The upper limits for one operation. */
export type PriceLimits = Pick<TransportConfig, "maxCost" | "maxEvents" | "answerBytesMax">;

/** Against the limit of written events, so many lines of an import count as one event. */
const IMPORTED_AN_EVENT = 10;
/**
 * So many values of an answer, or rows of pages, cost one unit. Reading a row takes many times as long as answering with it.
 */
const VALUES_A_UNIT = 4_000;
const ROWS_A_UNIT = 500;
/**
 * Takes the cost of an operation from the caller's budget. Returns an error if the operation is over the limits for everyone.
 * Throws RATE_LIMITED.
 */
export function charging(
  limits: PriceLimits,
  rate: RateLimit,
): (operation: Operation, variables: Variables, payer: { userId: string; address: string | undefined }) => ApiError | undefined {
  return ({ pricing }, variables, payer) => {
    const price = pricing.price(variables);
    const dear = tooDear(price, limits);
    const field = dear && pricing.tooMany(variables);
    if (field !== undefined) return badInput(field, `${field}: no list gives more than ${ITEMS_MAX} at once`);
    if (dear !== undefined) return dear;
    const units = Math.max(0, price.events - 1) + Math.floor(readingUnits(price));
    if (units > 0) rate.take(payer, units);
    return undefined;
  };
}

/**
 * What an operation costs, for clients that ask: its price and the highest allowed, the rows of pages that it may read, the
 * events that it may write, and the units that it takes from the budget of its user. A subscription's price is that of one
 * delivery, and `deliveryUnits` are those that each takes.
 */
export type Cost = { price: number; maxPrice: number; rows: number; events: number; units: number; deliveryUnits?: number };

export function costOf(operation: Operation, variables: Variables, { maxCost }: PriceLimits): Cost {
  const price = operation.pricing.price(variables);
  return {
    price: price.values,
    maxPrice: maxCost,
    rows: price.rows,
    events: price.events + price.imported,
    units: 1 + Math.max(0, price.events - 1) + Math.floor(readingUnits(price)),
    ...(operation.kind === "subscription" ? { deliveryUnits: unitsOfDelivery(operation, variables) } : {}),
  };
}

/** The text of an answer with `extensions.cost`, if there is such a text. */
export const withCost = (answer: string, cost: string | undefined): string =>
  cost === undefined ? answer : `${answer.slice(0, -1)},"extensions":{"cost":${cost}}}`;

/** The cost, in units, of reading what an operation asks for. */
const readingUnits = ({ values, rows }: Price): number => values / VALUES_A_UNIT + rows / ROWS_A_UNIT;

/** A result that is made once for all its readers costs none of them anything. */
export const unitsOfDelivery = ({ reads, pricing }: Operation, variables: Variables): number =>
  reads?.shareable ? 0 : readingUnits(pricing.price(variables));

function tooDear(
  { values, keyBytes, events, imported }: Price,
  { maxCost, maxEvents, answerBytesMax }: PriceLimits,
): ApiError | undefined {
  if (values > maxCost)
    return badRequest(`Cost limit of ${maxCost} exceeded, found ${values}: ask for smaller pages or fewer fields`);
  if (keyBytes > answerBytesMax)
    return badRequest(`the names of the fields alone would take ${keyBytes} bytes, and an answer has at most ${answerBytesMax}`);
  const written = Math.max(events, imported / IMPORTED_AN_EVENT);
  if (written <= maxEvents) return undefined;
  return {
    message: `the operation may write ${events + imported} events, which is too many: split it into several`,
    extensions: { code: "LIMIT_EXCEEDED" },
  };
}
