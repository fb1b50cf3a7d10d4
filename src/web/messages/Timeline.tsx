import {
  type KeyboardEvent,
  memo,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { type ListRange, Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import type { Gap } from "../../client/types.ts";
import { Icon } from "../parts/Icon.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useToday } from "../parts/useToday.ts";
import { useTidings, useWatched } from "../../client/react.ts";
import { dayLine } from "../texts/dates.ts";
import { useOpen } from "./context.ts";
import { createEntries, type Entry } from "./entries.ts";
import { MessageRow } from "./MessageRow.tsx";
import { OutgoingRow } from "./OutgoingRow.tsx";
import { useLook } from "./useLook.ts";
import { useStablePlace } from "./useStablePlace.ts";

export type TimelineControls = { jump(seq: number): void; toEnd(): void; focus(): void };
type Props = { controls: Ref<TimelineControls>; target: number | undefined; onLeave: () => void };

/** For so long a message that was jumped to stands out. */
const FLASH_MS = 2_000;
const AT_END_PX = 60;
/** So much above and below what is in sight is drawn. At first less: what opens is there at once. */
const AROUND_PX = { top: 500, bottom: 300 };
const AT_FIRST_PX = { top: 100, bottom: 100 };
const SETTLE_MS = 60;
/** How long a list that was made anew may take to be where it begins. */
const BEGINS_MS = 1_000;

/** Where one wants to be, once it is loaded. `generation`: of what was shown when one wanted it. */
type Goal = { seq: number | "end"; generation: number; isLoaded: boolean };

/**
 * The messages, as many as are loaded. It stays where it is when others come above or below, but follows what comes at the end
 * as long as one is there. What has been seen is read.
 */
export function Timeline({ controls, target, onLeave }: Props) {
  const { t } = useTranslation();
  const { handle, conversation, me } = useOpen();
  const connection = useWatched(useTidings().connection);
  const { attempt } = useNotices();
  const state = useWatched(handle.messages);
  const { items, reachedStart, reachedEnd } = state;
  /** Where the unread line is: it stays there, whatever is read meanwhile. */
  const [readTo] = useState(() => (conversation.unreadCount > 0 ? conversation.readSeq : undefined));
  const [unreadThen] = useState(conversation.unreadCount);
  const [entriesOf] = useState(() => createEntries(me));
  const loaded = useMemo(() => entriesOf(items, readTo, reachedStart), [entriesOf, items, readTo, reachedStart]);
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
  const [goal, setGoal] = useState<Goal>();
  /** What the list begins with when it is made anew. */
  const [begins, setBegins] = useState<number | "end" | undefined>(target);
  const [flash, setFlash] = useState<number>();
  /** The generation that is drawn with all that belongs around it. */
  const [settled, setSettled] = useState(-1);
  const newest = conversation.lastSeq;

  // ---- where one is

  const indexOf = useCallback(
    (seq: number) => entries.findIndex(({ item }) => item.type === "message" && item.seq >= seq),
    [entries],
  );
  const isAt = useCallback(
    (index: number, seq: number) => {
      const item = entries[index]?.item;
      return item?.type === "message" && item.seq === seq;
    },
    [entries],
  );
  const show = useCallback((seq: number) => {
    setFlash(seq);
    setTimeout(() => setFlash((shown) => (shown === seq ? undefined : shown)), FLASH_MS);
  }, []);
  /** Goes there as soon as it is loaded. */
  const load = useCallback(
    (seq: Goal["seq"], loading: () => Promise<void>) => {
      setGoal({ seq, generation, isLoaded: false });
      setBegins(seq);
      const asked = async (): Promise<true> => {
        await loading();
        return true;
      };
      void attempt(asked).then((done) =>
        setGoal((now) => (now?.seq !== seq ? now : done ? { ...now, isLoaded: true } : undefined)),
      );
    },
    [generation, attempt],
  );
  /** One has asked for the end: what comes there is followed, until it is there. */
  const wantsEnd = useRef(false);
  /**
   * Until then (of `performance.now()`) the end comes first: a list that begins elsewhere goes there some frames after it was
   * made.
   */
  const endUntil = useRef(0);
  const jump = useCallback(
    (seq: number) => {
      wantsEnd.current = false;
      endUntil.current = 0;
      const index = indexOf(seq);
      if (!isAt(index, seq)) return load(seq, () => handle.jumpTo(seq));
      setGoal(undefined);
      list.current?.scrollToIndex({ index, align: "center" });
      return show(seq);
    },
    [indexOf, isAt, load, handle, show],
  );
  const toEnd = useCallback(() => {
    wantsEnd.current = true;
    endUntil.current = performance.now() + BEGINS_MS;
    if (!reachedEnd) return load("end", () => handle.jumpToEnd());
    setGoal(undefined);
    return list.current?.scrollToIndex({ index: "LAST", align: "end" });
  }, [reachedEnd, load, handle]);
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
  useEffect(() => {
    if (!goal) return;
    if (entries.length === 0) {
      // There is nothing to be shown at all.
      if (goal.isLoaded && reachedStart && reachedEnd) setGoal(undefined);
      return;
    }
    const { seq } = goal;
    const index = seq === "end" ? entries.length - 1 : indexOf(seq);
    const isThere = seq === "end" ? goal.isLoaded && reachedEnd : isAt(index, seq);
    // What cannot be shown is gone: then what comes after it is shown.
    if (!isThere && !(goal.isLoaded && handle.messages.get().items === items)) return;
    // A list that was made anew begins there already.
    if (generation === goal.generation)
      list.current?.scrollToIndex(
        seq === "end" ? { index: "LAST", align: "end" } : { index: index < 0 ? entries.length - 1 : index, align: "center" },
      );
    setGoal(undefined);
    if (seq !== "end") show(seq);
  }, [goal, entries, items, reachedStart, reachedEnd, generation, indexOf, isAt, handle, show]);

  // ---- what is loaded, and read

  const loading = useRef(false);
  /** How often more was loaded. */
  const [loads, setLoads] = useState(0);
  const loadMore = useCallback(
    (more: () => Promise<void>) => {
      if (loading.current) return;
      loading.current = true;
      const asked = async (): Promise<void> => {
        await more();
        setLoads((before) => before + 1);
      };
      void attempt(asked).finally(() => {
        loading.current = false;
      });
    },
    [attempt],
  );
  /** What is drawn, by the numbers of `first`. */
  const drawn = useRef<ListRange & { generation: number }>(undefined);
  const end = first + entries.length - 1;
  /** Where it is drawn to an end of what is loaded, there is to be more. What could not be loaded is asked for again. */
  const goOn = useCallback(() => {
    const shown = drawn.current;
    if (shown?.generation !== generation) return;
    if (!reachedStart && shown.startIndex <= first) loadMore(() => handle.loadOlder());
    else if (!reachedEnd && shown.endIndex >= end) loadMore(() => handle.loadNewer());
  }, [generation, reachedStart, reachedEnd, first, end, loadMore, handle]);
  const isLive = connection.state === "live";
  useEffect(() => {
    if (isLive) goOn();
  }, [isLive, goOn, loads]);
  const [isLineSeen, setLineSeen] = useState(readTo === undefined);
  const look = useLook({ handle, scroller, of: items, onLine: () => setLineSeen(true) });
  useEffect(() => {
    const timer = setTimeout(() => setSettled(generation), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [generation]);

  // ---- keys

  /** The focus was on a message. */
  const hadFocus = useRef(false);
  const ranged = useCallback(
    (range: ListRange) => {
      drawn.current = { ...range, generation };
      if (range.endIndex < end && reachedEnd && performance.now() < endUntil.current)
        list.current?.scrollToIndex({ index: "LAST", align: "end" });
      goOn();
      look();
      // The message left the screen, and the focus would go with it.
      if (hadFocus.current && document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
    },
    [generation, goOn, look, end, reachedEnd],
  );
  const moved = (event: KeyboardEvent): void => {
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
      scroller.current?.focus({ preventScroll: true });
      toEnd();
    } else return;
    event.preventDefault();
  };

  const setScroller = useCallback(
    (element: HTMLElement | Window | null) => {
      scroller.current = element instanceof HTMLElement ? element : null;
      scroller.current?.setAttribute("role", "region");
      scroller.current?.setAttribute("aria-label", t("chat.messages"));
    },
    [t],
  );

  // ---- the list

  const atEnd = useCallback(
    (now: boolean) => {
      setAtEnd(now);
      if (now) wantsEnd.current = false;
      else setLeftAt(newest);
    },
    [newest],
  );
  const follow = useCallback((now: boolean) => ((now || wantsEnd.current) && reachedEnd ? "auto" : false), [reachedEnd]);
  const context = useMemo(() => ({ reachedStart }), [reachedStart]);
  const line = useCallback(
    (_: number, entry: Entry) => (
      <Line entry={entry} isFlashed={entry.item.type === "message" && entry.item.seq === flash} load={loadMore} />
    ),
    [flash, loadMore],
  );
  const unreadIndex = useMemo(() => entries.findIndex(({ isFirstUnread }) => isFirstUnread), [entries]);
  const goalIndex = typeof begins === "number" ? indexOf(begins) : -1;
  const isAtUnread = goalIndex < 0 && unreadIndex >= 0 && begins === undefined && generation <= 1;
  const beginIndex = isAtUnread ? unreadIndex : goalIndex;
  const begin = useMemo(
    () =>
      beginIndex < 0
        ? ({ index: "LAST", align: "end" } as const)
        : ({ index: beginIndex, align: isAtUnread ? "start" : "center" } as const),
    [beginIndex, isAtUnread],
  );
  // It does a good deal each time it is rendered: so not where nothing of it has changed.
  const rows = useMemo(
    () => (
      <Virtuoso
        key={generation}
        ref={list}
        scrollerRef={setScroller}
        data={entries}
        firstItemIndex={first}
        initialTopMostItemIndex={begin}
        computeItemKey={keyOf}
        alignToBottom
        atBottomThreshold={AT_END_PX}
        atBottomStateChange={atEnd}
        followOutput={follow}
        increaseViewportBy={settled === generation ? AROUND_PX : AT_FIRST_PX}
        rangeChanged={ranged}
        onScroll={look}
        components={PARTS}
        context={context}
        itemContent={line}
      />
    ),
    [generation, setScroller, entries, first, begin, atEnd, follow, settled, ranged, look, context, line],
  );

  const isFound = goal === undefined || goal.seq === "end" || goal.generation > 0 || isAt(indexOf(goal.seq), goal.seq);
  if (entries.length === 0 || !isFound) {
    if (!reachedStart || !reachedEnd || !isFound) return <div className="timeline" aria-busy="true" />;
    return (
      <div className="timeline timeline-empty">
        <p className="muted">{t("chat.beginning")}</p>
      </div>
    );
  }
  const below = isAtEnd && reachedEnd ? 0 : Math.max(0, newest - Math.max(leftAt, conversation.readSeq));
  const oldest = entries.find(({ item }) => item.type === "message")?.item;
  const isLineAbove =
    readTo !== undefined && !isLineSeen && (unreadIndex >= 0 || (oldest?.type === "message" && readTo + 1 < oldest.seq));
  return (
    <div
      className="timeline"
      // React tells of the keys of what a message has opened too, wherever that stands in the page.
      onKeyDown={(event) => {
        if (event.currentTarget.contains(event.target as Node)) moved(event);
      }}
      onFocus={() => {
        hadFocus.current = true;
      }}
      onBlur={() => {
        hadFocus.current = false;
      }}
    >
      {rows}
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

const keyOf = (_: number, { key }: Entry): string => key;

type LineProps = { entry: Entry; isFlashed: boolean; load: (more: () => Promise<void>) => void };

const Line = memo(function Line({ entry, isFlashed, load }: LineProps) {
  const { item, begins, isFirstUnread, isFirst, key } = entry;
  return (
    <div className="line" data-first={isFirst}>
      {begins ? <DayLine of={begins} /> : null}
      {isFirstUnread ? <UnreadLine /> : null}
      {item.type === "gap" ? <GapRow gap={item} load={load} /> : null}
      {item.type === "message" ? <MessageRow rowKey={key} message={item} isFirst={isFirst} isFlashed={isFlashed} /> : null}
      {item.type === "outgoing" ? <OutgoingRow rowKey={key} message={item} /> : null}
    </div>
  );
});

function DayLine({ of }: { of: Date }) {
  const { t, i18n } = useTranslation();
  useToday();
  return (
    <p className="day-line">
      <span>{dayLine(i18n.language, of, { today: t("chat.today"), yesterday: t("chat.yesterday") })}</span>
    </p>
  );
}

function UnreadLine() {
  const { t } = useTranslation();
  return (
    <p className="unread-line">
      <span>{t("chat.unreadLine")}</span>
    </p>
  );
}

function GapRow({ gap, load }: { gap: Gap; load: LineProps["load"] }) {
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
