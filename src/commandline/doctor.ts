import type { Config } from "../config.ts";
import type { Component } from "../ports/component.ts";
import type { Disk, Doubt, GenerationState } from "../ports/condition.ts";
import { explained } from "../ports/faults.ts";
import type { Condition, ProjectionCondition } from "../server/examine.ts";
import { findingsOf } from "./diagnosis.ts";
import { doctorPage } from "./doctorPage.ts";
import type { Terminal } from "./import.ts";
import { type ServerApi, serverApi } from "./serverApi.ts";

/** How many parked events are shown. */
const SHOWN = 10;

/** Exit codes: all is well; warnings only; faults, or nothing could be learnt. */
const WELL = 0;
const WARNED = 1;
const FAULTY = 2;

/**
 * Shows how a Tidings is, on one page: from the server at SERVER_URL or on DATA_DIR, or from DATA_DIR and the servers behind it.
 * It changes nothing. Resolves with the exit code: 0 if all is well, 1 if there are warnings, 2 if there are faults, or if it
 * cannot look; then it says why. `readConfig` throws if settings are wrong.
 */
export async function doctor(readConfig: () => Config, terminal: Terminal, token?: string): Promise<number> {
  try {
    const config = readConfig();
    const api = await serverApi(config, token);
    const where = api ? `asked of the server at ${api.url()}` : `no server runs on ${config.dataDir}`;
    const condition = api ? await told(api) : await looked(config);
    const findings = findingsOf(condition);
    terminal.out(doctorPage(where, condition, findings));
    if (findings.length === 0) return WELL;
    return findings.some(({ severity }) => severity === "FAULT") ? FAULTY : WARNED;
  } catch (error) {
    terminal.error(`tidings: ${explained(error)}`);
    return FAULTY;
  }
}

async function looked(config: Config): Promise<Condition> {
  // Not loaded where a server runs.
  const { examine } = await import("../server/examine.ts");
  return examine(config, SHOWN);
}

type Nullable<T> = { [Name in keyof T]-?: undefined extends T[Name] ? Exclude<T[Name], undefined> | null : T[Name] };

type Admin = {
  version: string;
  components: Nullable<Component>[];
  projections: (Nullable<Omit<ProjectionCondition, "lag">> & { lag: number | null })[];
  parked: {
    edges: {
      node: { projection: string; cursor: string; eventType: string; error: string; attempts: number; parkedAt: string };
    }[];
  };
  generations: Nullable<GenerationState>[];
  disk: Disk | null;
  doubts: Doubt[];
};

const CONDITION = /* GraphQL */ `
  query ($shown: Int!) {
    admin {
      version
      components {
        role
        kind
        reachable
        version
        detail
        bytes
      }
      projections {
        name
        version
        state
        lag
        parked
        progress
        differences
        lastError
      }
      parked(first: $shown) {
        edges {
          node {
            projection
            cursor
            eventType
            error
            attempts
            parkedAt
          }
        }
      }
      generations {
        name
        projection
        version
        state
        cursor
        bytes
      }
      disk {
        freeBytes
        totalBytes
      }
      doubts {
        setting
        severity
        reason
      }
    }
  }
`;

/** What the server says. Its settings may be others than those of this command. */
async function told(api: ServerApi): Promise<Condition> {
  const { admin } = await api.ask<{ admin: Admin }>(CONDITION, { shown: SHOWN });
  const isLogAway = admin.components.some(({ role, reachable }) => role === "log" && !reachable);
  return {
    version: admin.version,
    components: admin.components.map(known),
    projections: admin.projections.map(({ lag, ...projection }) => ({
      ...known(projection),
      lag: lag ?? (isLogAway ? "unknown" : "more"),
    })),
    parked: admin.parked.edges.map(({ node: { eventType: type, ...event } }) => ({ ...event, type })),
    generations: admin.generations.map(known),
    disk: admin.disk ?? undefined,
    doubts: admin.doubts,
  };
}

/** Leaves out what is null. */
const known = <T extends object>(members: T): { [Name in keyof T]: Exclude<T[Name], null> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as never;
