import type { Severity } from "../ports/condition.ts";
import { bytesText } from "../ports/texts.ts";
import type { Condition, ProjectionCondition } from "../server/examine.ts";

/** What an operator should know, and how bad it is. `about`: the part, the projection or the setting. */
export type Finding = { severity: Severity; about: string; text: string };

/**
 * A projection that is further behind than so many events needs a look. The search index rests for up to a second while many
 * write: there, more than can be counted does.
 */
const LAG_EVENTS = 500;
const RESTING: ReadonlySet<string> = new Set(["search"]);

/** Without these the rest still works. */
const BESIDE: ReadonlySet<string> = new Set(["search", "processes", "files", "rules", "asked"]);

/** All that is wrong, the worst first. */
export function findingsOf(condition: Condition): Finding[] {
  const findings: Finding[] = [
    ...ofComponents(condition),
    ...condition.projections.flatMap(ofProjection),
    ...ofDisk(condition),
    ...condition.doubts.map(({ setting, severity, reason }): Finding => ({ severity, about: setting, text: reason })),
  ];
  return [...findings.filter(({ severity }) => severity === "FAULT"), ...findings.filter(({ severity }) => severity !== "FAULT")];
}

function ofComponents({ components, projections }: Condition): Finding[] {
  // What is being built is no fault: it will be there by itself.
  const isBuilding = projections.some(({ state }) => state === "REBUILDING");
  return components
    .filter(({ reachable }) => !reachable)
    .map(({ role, detail }) => ({
      severity: BESIDE.has(role) || (role === "views" && isBuilding) ? "WARNING" : "FAULT",
      about: role,
      text: detail ?? "it does not answer",
    }));
}

function ofProjection({ name, state, lag, parked, progress, differences, lastError }: ProjectionCondition): Finding[] {
  const found: Finding[] = [];
  const note = (when: boolean, severity: Severity, text: string): void => {
    if (when) found.push({ severity, about: name, text });
  };
  note(parked > 0, "FAULT", `events are parked, or wait behind one (${parked} in all): what they change is not shown`);
  note(state === "STOPPED", "FAULT", `it has stopped: ${lastError ?? "no reason given"}`);
  note(state === "RETRYING", BESIDE.has(name) ? "WARNING" : "FAULT", `it cannot go on: ${lastError ?? "no reason given"}`);
  note((differences ?? 0) > 0, "FAULT", `the last comparison found ${differences} differences: replay it`);
  const share = progress === undefined ? "" : `, ${Math.floor(progress * 100)} % done`;
  note(state === "REBUILDING", "WARNING", `it is being built${share}: what needs it is UNAVAILABLE until then`);
  note(state !== "REBUILDING" && isFarBehind(name, lag), "WARNING", `it is ${lagText(lag)} events behind the log`);
  note(state !== "STOPPED" && state !== "RETRYING" && lastError !== undefined, "WARNING", lastError ?? "");
  return found;
}

const isFarBehind = (name: string, lag: ProjectionCondition["lag"]): boolean =>
  lag === "more" || (typeof lag === "number" && lag > LAG_EVENTS && !RESTING.has(name));

/** A lag for people. */
export const lagText = (lag: ProjectionCondition["lag"]): string => (lag === "more" ? "more than 5000" : String(lag));

/** A replay builds a generation beside the one that is read, and needs as much room. */
function ofDisk({ disk, generations }: Condition): Finding[] {
  if (!disk) return [{ severity: "WARNING", about: "disk", text: "the system does not say how much of it is free" }];
  return generations
    .filter(({ state, bytes }) => state === "READ" && (bytes ?? 0) > disk.freeBytes)
    .map(({ projection, bytes }) => ({
      severity: "WARNING",
      about: projection,
      text: `a replay needs about ${bytesText(bytes ?? 0)}, and only ${bytesText(disk.freeBytes)} are free`,
    }));
}
