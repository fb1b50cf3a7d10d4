import type { Ask } from "./asking.ts";
import { asClientError, clientError } from "./errors.ts";
import { MessagePage, type MessagePageQueryVariables } from "./operations.ts";
import { rangeAt } from "./seqRanges.ts";
import type { State } from "./state.ts";
import type { Page, Timeline } from "./timeline.ts";
import type { ClientError, Gap } from "./types.ts";

/** How many messages are loaded where nobody says. */
const PAGE = 30;
/** How many are loaded first, and around one that is jumped to. */
const FIRST_PAGE = 50;

const PAGE_MAX = 100;

export type HistoryOptions = {
  state: State;
  ask: Ask;
  /** Told of each fault, and with undefined once one was made up for. */
  failed: (error: ClientError | undefined) => void;
  /** Another part of it is shown. */
  looked: () => void;
};

export type History = ReturnType<typeof createHistory>;

/** Loads pages of one conversation's messages, one after the other. */
export function createHistory(id: string, options: HistoryOptions) {
  const { state, ask, failed, looked } = options;
  let order: Promise<unknown> = Promise.resolve();
  let isOver = false;

  const timeline = () => state.timeline(id);

  /** One after the other: what is shown depends on what was loaded before. */
  const inOrder = (load: () => Promise<void>): Promise<void> => {
    const loading = order.then(async () => {
      if (isOver) return;
      try {
        await load();
        failed(undefined);
      } catch (error) {
        failed(asClientError(error));
        throw error;
      }
    });
    order = loading.catch(() => undefined);
    return loading;
  };

  const look: Timeline["look"] = (...at) => {
    timeline().look(...at);
    looked();
  };

  /** Loads a page, puts it where it belongs and shows it, in one moment: nobody sees the one without the other. */
  const page = async (
    which: Omit<MessagePageQueryVariables, "id" | "atLeast">,
    show: (loaded: Page & { isStart: boolean; isEnd: boolean }) => void,
    afresh = false,
  ): Promise<void> => {
    for (;;) {
      const { moment } = state;
      const { conversation } = await ask(MessagePage, { id, ...which, atLeast: moment.cursor ?? null });
      if (isOver) return;
      if (conversation === null) throw clientError("NOT_FOUND", "there is no such conversation that you may see");
      // What came meanwhile can no more be told from what it holds: once more.
      if (!state.reaches(moment)) continue;
      const { messages, ...fields } = conversation;
      const loaded = messages.edges.map(({ node }) => node);
      const { hasNextPage, hasPreviousPage } = messages.pageInfo;
      const first = loaded[0]?.seq;
      const last = loaded.at(-1)?.seq;
      // It speaks for all between what it was asked for: what it lacks there the viewer may not see.
      const from = which.after != null ? Number(which.after) + 1 : hasPreviousPage && first !== undefined ? first : 1;
      const to = which.before != null ? Number(which.before) - 1 : hasNextPage && last !== undefined ? last : fields.lastSeq;
      const told: Page = { messages: loaded, from: Math.min(from, first ?? from), to: Math.max(to, last ?? to) };
      if (afresh) timeline().clear();
      state.loaded(fields, told, moment.cursor ?? "");
      show({ ...told, isStart: !hasPreviousPage, isEnd: !hasNextPage });
      return;
    }
  };

  const newest = (count: number, afresh = false): Promise<void> =>
    page({ last: count }, ({ from, to, isStart }) => look({ from: isStart ? 1 : from, to: endOf(to) }, true), afresh);

  /** What came while the newest page was loaded is at the end too, also where that page was empty. */
  const endOf = (to: number): number => rangeAt(timeline().ranges, to + 1)?.to ?? to;

  return {
    /** The newest page, in place of all that is loaded. */
    open: (): Promise<void> => inOrder(() => newest(FIRST_PAGE, true)),

    older: (count = PAGE): Promise<void> =>
      inOrder(async () => {
        const { view, isFollowing } = timeline();
        if (!view) return newest(pageOf(count));
        if (view.from <= 1) return;
        // Loaded before, for another place of it.
        const known = rangeAt(timeline().ranges, view.from - 1);
        if (known) {
          look({ from: Math.max(known.from, view.from - pageOf(count)), to: view.to }, isFollowing, "from");
          return;
        }
        await page({ last: pageOf(count), before: String(view.from) }, (loaded) => {
          const shown = timeline().view;
          if (shown) look({ from: Math.min(shown.from, loaded.from), to: shown.to }, timeline().isFollowing, "from");
        });
      }),

    newer: (count = PAGE): Promise<void> =>
      inOrder(async () => {
        const { view, isFollowing, ranges } = timeline();
        if (!view || isFollowing) return;
        const lastSeq = state.conversation(id)?.lastSeq ?? 0;
        const known = rangeAt(ranges, view.to + 1);
        if (known) {
          const to = Math.min(known.to, view.to + pageOf(count));
          look({ from: view.from, to }, to >= lastSeq);
          return;
        }
        if (view.to >= lastSeq) {
          look(view, true);
          return;
        }
        await page({ first: pageOf(count), after: String(view.to) }, ({ to, isEnd }) => {
          const shown = timeline().view;
          if (shown) look({ from: shown.from, to: Math.max(shown.to, isEnd ? endOf(to) : to) }, isEnd);
        });
      }),

    around: (seq: number): Promise<void> =>
      inOrder(async () => {
        const lastSeq = state.conversation(id)?.lastSeq ?? 0;
        const known = rangeAt(timeline().ranges, seq);
        if (known && (known.from === 1 || seq - known.from >= PAGE / 2) && (known.to >= lastSeq || known.to - seq >= PAGE / 2)) {
          const to = Math.min(known.to, seq + FIRST_PAGE / 2);
          look({ from: Math.max(known.from, seq - FIRST_PAGE / 2), to }, to >= lastSeq);
          return;
        }
        await page({ first: FIRST_PAGE, around: seq }, ({ from, to, isStart, isEnd }) =>
          look({ from: isStart ? 1 : from, to: isEnd ? endOf(to) : to }, isEnd),
        );
      }),

    end: (): Promise<void> =>
      inOrder(async () => {
        const lastSeq = state.conversation(id)?.lastSeq ?? 0;
        const known = rangeAt(timeline().ranges, lastSeq);
        if (!known) return newest(FIRST_PAGE);
        look({ from: Math.max(known.from, lastSeq - FIRST_PAGE + 1), to: known.to }, true);
      }),

    /** The end of a gap. */
    fill: ({ from, to }: Gap, count = PAGE): Promise<void> =>
      inOrder(async () => {
        await page({ last: Math.min(pageOf(count), to - from + 1), before: String(to + 1) }, looked);
      }),

    /** Nothing is loaded any more. */
    close: (): void => {
      isOver = true;
    },
  };
}

const pageOf = (count: number): number => Math.min(PAGE_MAX, Math.max(1, Math.floor(count)));
