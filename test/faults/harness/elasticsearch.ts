import type { Readiness, Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { restart, UP_MS } from "./restart.ts";

/** `http://…`; empty where the tests run without Elasticsearch. */
export const ELASTICSEARCH_URL = process.env["ELASTICSEARCH_URL"] ?? "";
/** Any command of the shell that kills Elasticsearch (-9), starts it again, and ends once it is up. */
export const ELASTICSEARCH_RESTART = process.env["ELASTICSEARCH_RESTART"] ?? "";

/** Kills Elasticsearch, and resolves once it is up again. */
export const restartElasticsearch = (): Promise<void> => restart("ELASTICSEARCH_RESTART");

/** Whether /ready said that search is away. */
export const tellsOfSearch = ({ body }: Readiness): boolean => body.components.search?.ready === false;

export const searchReadyAgain = (server: Server) =>
  until(
    "search is ready again",
    async () => {
      const { body } = await server.readiness();
      return body.components.search?.ready === true && body.projections.search?.state === "LIVE";
    },
    UP_MS,
  );
