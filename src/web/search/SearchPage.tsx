import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "wouter";
import { type SearchMessagesQuery, SearchMessages, type SearchOrder } from "../../client/operations.ts";
import type { ClientError } from "../../client/types.ts";
import { routes } from "../app/routes.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { explained } from "../parts/explained.ts";
import { Moment } from "../parts/Moment.tsx";
import { useTidings, useWatched } from "../../client/react.ts";

type Hit = NonNullable<SearchMessagesQuery["searchMessages"]>["edges"][number]["node"];
type Found = { hits: readonly Hit[]; total: number; next: string | undefined };

const PAGE = 20;
const PAUSE_MS = 300;
/** So much of a long text is shown around what was found. */
const AROUND = 60;

/** Words in all that one may see, or in one conversation. What is looked for stands in the address. */
export function SearchPage() {
  const { t } = useTranslation();
  const client = useTidings();
  const [params, setParams] = useSearchParams();
  const conversationId = params.get("in") ?? undefined;
  const [typed, setTyped] = useState(params.get("q") ?? "");
  const [orderBy, setOrderBy] = useState<SearchOrder>("NEWEST");
  const [found, setFound] = useState<Found>();
  const [fault, setFault] = useState<ClientError>();
  const text = params.get("q") ?? "";
  const { items } = useWatched(client.conversations);
  const where = items.find(({ id }) => id === conversationId);

  // The address says something else than what was typed: one went back, or to the search anew.
  useEffect(() => setTyped((now) => (now.trim() === text ? now : text)), [text]);
  useEffect(() => {
    if (typed.trim() === text) return undefined;
    const timer = setTimeout(
      () =>
        setParams(
          (before) => {
            if (typed.trim() === "") before.delete("q");
            else before.set("q", typed.trim());
            return before;
          },
          { replace: true },
        ),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, text, setParams]);

  /** What is looked for now. What comes of an earlier question is let go. */
  const asked = useRef({});
  const isLoadingMore = useRef(false);
  useEffect(() => {
    setFound(undefined);
    setFault(undefined);
    asked.current = {};
    isLoadingMore.current = false;
    if (text === "") return undefined;
    let isOver = false;
    client.request(SearchMessages, { query: { text, orderBy, ...(conversationId ? { conversationId } : {}) }, first: PAGE }).then(
      (answer) => {
        if (!isOver) setFound(pageOf(answer));
      },
      (error: unknown) => {
        if (!isOver) setFault(error as ClientError);
      },
    );
    return () => {
      isOver = true;
    };
  }, [client, text, orderBy, conversationId]);
  const more = (): void => {
    if (!found?.next || isLoadingMore.current) return;
    isLoadingMore.current = true;
    const question = asked.current;
    client
      .request(SearchMessages, {
        query: { text, orderBy, ...(conversationId ? { conversationId } : {}) },
        first: PAGE,
        after: found.next,
      })
      .then(
        (answer) => {
          if (question !== asked.current) return;
          isLoadingMore.current = false;
          setFault(undefined);
          const { hits, ...rest } = pageOf(answer);
          setFound((before) => ({ ...rest, hits: [...(before?.hits ?? []), ...hits] }));
        },
        (error: unknown) => {
          if (question !== asked.current) return;
          isLoadingMore.current = false;
          setFault(error as ClientError);
        },
      );
  };

  return (
    <div className="page">
      <h1>{t("search.title")}</h1>
      <div className="search-bar" role="search">
        <input
          type="search"
          value={typed}
          placeholder={t("search.placeholder")}
          aria-label={t("search.title")}
          autoFocus
          maxLength={1_000}
          onChange={(event) => setTyped(event.target.value)}
        />
        <select
          aria-label={t("search.order")}
          value={orderBy}
          onChange={(event) => setOrderBy(event.target.value as SearchOrder)}
        >
          <option value="NEWEST">{t("search.newest")}</option>
          <option value="RELEVANCE">{t("search.relevance")}</option>
        </select>
      </div>
      {conversationId ? (
        <p className="search-where">
          <span className="chip" aria-current="true">
            {t("search.in", { title: where?.title ?? "…" })}
          </span>
          <button
            type="button"
            className="link-button"
            onClick={() =>
              setParams((before) => {
                before.delete("in");
                return before;
              })
            }
          >
            {t("search.everywhere")}
          </button>
        </p>
      ) : null}
      <div aria-live="polite">
        {text === "" ? <p className="muted">{t("search.hint")}</p> : null}
        {fault ? <p role="alert">{explained(t, fault)}</p> : null}
        {text !== "" && !found && !fault ? <p className="muted">{t("app.loading")}</p> : null}
        {found ? (
          <p className="muted">{found.total === 0 ? t("search.nothing") : t("search.found", { count: found.total })}</p>
        ) : null}
      </div>
      <ul className="hits">
        {found?.hits.map((hit) => (
          <HitRow key={hit.message.id} hit={hit} />
        ))}
      </ul>
      {found?.next ? (
        <button type="button" className="button" onClick={more}>
          {t("app.showMore")}
        </button>
      ) : null}
    </div>
  );
}

function pageOf({ searchMessages }: SearchMessagesQuery): Found {
  const { edges = [], totalCount = 0, pageInfo } = searchMessages ?? {};
  const next = pageInfo?.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined;
  return { hits: edges.map(({ node }) => node), total: totalCount, next };
}

function HitRow({ hit: { message, highlights } }: { hit: Hit }) {
  const { i18n } = useTranslation();
  const { conversation, seq, sender, sentAt } = message;
  return (
    <li>
      <Link to={routes.conversation(conversation.id, seq)} className="hit">
        <Avatar id={sender.id} name={sender.name} url={sender.avatarUrl} size={40} />
        <span className="row-text">
          <span className="row-top">
            <span className="row-title">{sender.name}</span>
            <span className="muted hit-where">{conversation.title}</span>
            <Moment at={sentAt} language={i18n.language} short className="row-time" />
          </span>
          <span className="hit-text">
            {aroundHits(highlights).map(({ text, hit }, index) =>
              hit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
            )}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** The pieces that were found, with some of the text before and after each. */
function aroundHits(runs: readonly { text: string; hit: boolean }[]): { text: string; hit: boolean }[] {
  return runs.map(({ text, hit }, index) => {
    if (hit || text.length <= 2 * AROUND) return { text, hit };
    const isFirst = index === 0;
    const isLast = index === runs.length - 1;
    if (isFirst && isLast) return { text: `${text.slice(0, 4 * AROUND)}…`, hit };
    if (isFirst) return { text: `…${text.slice(-AROUND)}`, hit };
    if (isLast) return { text: `${text.slice(0, 2 * AROUND)}…`, hit };
    return { text: `${text.slice(0, AROUND)} … ${text.slice(-AROUND)}`, hit };
  });
}
