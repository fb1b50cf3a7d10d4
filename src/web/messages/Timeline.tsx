import { type KeyboardEvent, type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import type { Gap } from "../../client/types.ts";
import { useMe } from "../app/me.ts";
import { Icon } from "../parts/Icon.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useWatched } from "../../client/react.ts";
import { dayLine } from "../texts/dates.ts";
import { useOpen } from "./context.ts";
import { type Entry, entriesOf, messagesOf } from "./entries.ts";
import { MessageRow } from "./MessageRow.tsx";
import { OutgoingRow } from "./OutgoingRow.tsx";
import { useStablePlace } from "./useStablePlace.ts";

export type TimelineControls = { jump(seq: number): void; toEnd(): void; focus(): void };
type Props = { controls: Ref<TimelineControls>; target: number | undefined; onLeave: () => void };

/** For so long a message that was jumped to stands out. */
const FLASH_MS = 2_000;
const AT_END_PX = 60;
/** What is in sight is looked at so long after something came, and so often. */
const SOON_MS = 200;
const LOOK_MS = 2_000;

/**
 * The messages, as many as are loaded. It stays where it is when others come above or below, but follows what comes at the end
 * as long as one is there. What has been seen is read.
 */
export function Timeline({ controls, target, onLeave }: Props) {
  const { t } = useTranslation();
  const me = useMe();
  const { handle, conversation } = useOpen();
  const { attempt } = useNotices();
  const state = useWatched(handle.messages);
  const { items, reachedStart, reachedEnd } = state;
  /** Where the unread line is: it stays there, whatever is read meanwhile. */
  const [readTo] = useState(() => (conversation.unreadCount > 0 ? conversation.readSeq : undefined));
  const [unreadThen] = useState(conversation.unreadCount);
  const loaded = useMemo(() => entriesOf(items, me.id, readTo), [items, me.id, readTo]);
  const [entries, setEntries] = useState(loaded);
  // While all is loaded anew, what was there is shown, so that one stays where one is.
  if (entries !== loaded && (loaded.length > 0 || (reachedStart && reachedEnd))) setEntries(loaded);
  const keys = useMemo(() => entries.map(({ key }) => key), [entries]);
  const { first, generation } = useStablePlace(keys);
  const list = useRef<VirtuosoHandle>(null);
  const scroller = useRef<HTMLElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  /** The newest seq when the end was left. */
  const [leftAt, setLeftAt] = useState(0);
  const [goal, setGoal] = useState<number | undefined>(target);
  const [flash, setFlash] = useState<number>();
  const [isLineSeen, setLineSeen] = useState(readTo === undefined);
  const newest = conversation.lastSeq;

  // ---- where one is

  const indexOf = useCallback(
    (seq: number) => entries.findIndex(({ item }) => item.type === "message" && item.seq >= seq),
    [entries],
  );
  const show = useCallback((seq: number) => {
    setFlash(seq);
    setTimeout(() => setFlash((shown) => (shown === seq ? undefined : shown)), FLASH_MS);
  }, []);
  const jump = useCallback(
    (seq: number) => {
      const index = indexOf(seq);
      const found = entries[index]?.item;
      if (found?.type === "message" && found.seq === seq) {
        list.current?.scrollToIndex({ index, align: "center" });
        show(seq);
        return;
      }
      setGoal(seq);
      void attempt(() => handle.jumpTo(seq)).then(() => show(seq));
    },
    [indexOf, entries, handle, attempt, show],
  );
  const toEnd = useCallback(() => {
    setGoal(undefined);
    if (!reachedEnd) void attempt(() => handle.jumpToEnd());
    else list.current?.scrollToIndex({ index: "LAST", align: "end" });
  }, [reachedEnd, handle, attempt]);
  const focus = useCallback(() => {
    const rows = scroller.current?.querySelectorAll<HTMLElement>("[data-key]");
    if (rows && rows.length > 0) rows.item(rows.length - 1).focus();
    else scroller.current?.focus();
  }, []);
  useImperativeHandle(controls, () => ({ jump, toEnd, focus }), [jump, toEnd, focus]);
  const jumped = useRef<number>(undefined);
  useEffect(() => {
    if (target === undefined || jumped.current === target) return;
    jumped.current = target;
    jump(target);
  }, [target, jump]);

  // ---- what is loaded

  const loading = useRef(false);
  const load = useCallback(
    (more: () => Promise<void>) => {
      if (loading.current) return;
      loading.current = true;
      void attempt(more).finally(() => {
        loading.current = false;
      });
    },
    [attempt],
  );

  // ---- what is read

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box || document.visibilityState === "hidden" || !document.hasFocus()) return;
    const { top, bottom } = box.getBoundingClientRect();
    let seen = 0;
    for (const row of box.querySelectorAll<HTMLElement>("[data-seq]")) {
      const shape = row.getBoundingClientRect();
      if (shape.top < bottom && shape.bottom > top && (shape.bottom <= bottom + 2 || shape.top <= top))
        seen = Number(row.dataset["seq"]);
    }
    if (seen > handle.conversation.get()!.readSeq) void handle.markRead(seen).catch(() => {});
    const line = box.querySelector(".unread-line")?.getBoundingClientRect();
    if (line && line.bottom > top && line.top < bottom) setLineSeen(true);
  }, [handle]);
  useEffect(() => {
    // Rows are laid out some frames after they came.
    const timer = setInterval(look, LOOK_MS);
    const soon = setTimeout(look, SOON_MS);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, [look, items]);

  // ---- keys

  const moved = (event: KeyboardEvent): void => {
    // React tells of the keys of menus and dialogs too, which stand elsewhere in the page.
    if (!event.currentTarget.contains(event.target as Node)) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-key]");
    if (event.key === "Escape") return onLeave();
    if (event.target !== row && event.target !== scroller.current) return;
    const rows = [...(scroller.current?.querySelectorAll<HTMLElement>("[data-key]") ?? [])];
    const here = row ? rows.indexOf(row) : rows.length;
    if (event.key === "ArrowUp" && here > 0) rows[here - 1]?.focus();
    else if (event.key === "ArrowDown") {
      const next = rows[here + 1];
      if (next) next.focus();
      else onLeave();
    } else if (event.key === "End") {
      toEnd();
    } else return;
    event.preventDefault();
  };

  if (entries.length === 0) {
    if (!reachedStart || !reachedEnd) return <div className="timeline" aria-busy="true" />;
    return (
      <div className="timeline timeline-empty">
        <p className="muted">{t("chat.beginning")}</p>
      </div>
    );
  }
  const goalIndex = goal === undefined ? -1 : indexOf(goal);
  const unreadIndex = entries.findIndex(({ isFirstUnread }) => isFirstUnread);
  const begin =
    goalIndex >= 0
      ? { index: goalIndex, align: "center" as const }
      : unreadIndex >= 0 && generation <= 1
        ? { index: Math.max(0, unreadIndex), align: "start" as const }
        : { index: entries.length - 1, align: "end" as const };
  const below = isAtEnd && reachedEnd ? 0 : Math.max(0, newest - Math.max(leftAt, handle.conversation.get()?.readSeq ?? 0));
  const oldest = messagesOf(items)[0]?.seq ?? 0;
  const isLineAbove = readTo !== undefined && !isLineSeen && (unreadIndex < 0 ? readTo + 1 < oldest : true);
  return (
    <div className="timeline" onKeyDown={moved}>
      <Virtuoso
        key={generation}
        ref={list}
        scrollerRef={(element) => {
          scroller.current = element instanceof HTMLElement ? element : null;
          scroller.current?.setAttribute("role", "region");
          scroller.current?.setAttribute("aria-label", t("chat.messages"));
        }}
        data={entries}
        firstItemIndex={first}
        initialTopMostItemIndex={begin}
        computeItemKey={(_, { key }) => key}
        alignToBottom
        atBottomThreshold={AT_END_PX}
        atBottomStateChange={(now) => {
          setAtEnd(now);
          if (!now) setLeftAt(newest);
        }}
        followOutput={(now) => (now && reachedEnd ? "auto" : false)}
        startReached={() => {
          if (!reachedStart) load(() => handle.loadOlder());
        }}
        endReached={() => {
          if (!reachedEnd) load(() => handle.loadNewer());
        }}
        increaseViewportBy={{ top: 800, bottom: 400 }}
        rangeChanged={look}
        onScroll={look}
        components={PARTS}
        context={{ reachedStart }}
        itemContent={(_, entry) => <Line entry={entry} flash={flash} load={load} />}
      />
      {isLineAbove ? (
        <button type="button" className="float float-top" onClick={() => jump((readTo ?? 0) + 1)}>
          <Icon name="up" size={16} />
          {t("chat.toUnread", { count: unreadThen })}
        </button>
      ) : null}
      {!isAtEnd || !reachedEnd ? (
        <button type="button" className="float float-end" onClick={toEnd} aria-label={below > 0 ? undefined : t("chat.toEnd")}>
          {below > 0 ? t("chat.newBelow", { count: below }) : null}
          <Icon name="down" size={18} />
        </button>
      ) : null}
    </div>
  );
}

function Line({ entry, flash, load }: { entry: Entry; flash: number | undefined; load: (more: () => Promise<void>) => void }) {
  const { t, i18n } = useTranslation();
  const { item, dayOf, isFirstUnread, isFirst, key } = entry;
  return (
    <div className="line" data-first={isFirst}>
      {dayOf ? (
        <p className="day-line">
          <span>{dayLine(i18n.language, dayOf, { today: t("chat.today"), yesterday: t("chat.yesterday") })}</span>
        </p>
      ) : null}
      {isFirstUnread ? (
        <p className="unread-line">
          <span>{t("chat.unreadLine")}</span>
        </p>
      ) : null}
      {item.type === "gap" ? <GapRow gap={item} load={load} /> : null}
      {item.type === "message" ? (
        <MessageRow rowKey={key} message={item} isFirst={isFirst} isFlashed={flash === item.seq} />
      ) : null}
      {item.type === "outgoing" ? <OutgoingRow rowKey={key} message={item} /> : null}
    </div>
  );
}

function GapRow({ gap, load }: { gap: Gap; load: (more: () => Promise<void>) => void }) {
  const { t } = useTranslation();
  const { handle } = useOpen();
  // It is in sight, or will be soon. The button is for when that failed.
  useEffect(() => void handle.fill(gap).catch(() => {}), [handle, gap]);
  return (
    <p className="gap-row">
      {t("chat.gap", { count: gap.to - gap.from + 1 })}{" "}
      <button type="button" className="link-button" onClick={() => load(() => handle.fill(gap))}>
        {t("chat.loadGap")}
      </button>
    </p>
  );
}

/** Above the first message. Always as high, so that nothing moves. */
function Above({ context }: { context?: { reachedStart: boolean } }) {
  const { t } = useTranslation();
  return <p className="timeline-top muted">{t(context?.reachedStart ? "chat.beginning" : "chat.loadingOlder")}</p>;
}
const Below = () => <div className="timeline-bottom" />;
const PARTS = { Header: Above, Footer: Below };
