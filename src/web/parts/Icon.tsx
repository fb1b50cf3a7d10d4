/** Drawn on a square of 24. */
const PATHS = {
  chats: "M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21v-1a6 6 0 0 1 14 0v1M16 3.5a4 4 0 0 1 0 7.3M22 21v-1a6 6 0 0 0-4-5.6",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM21 21l-5-5",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01",
  send: "M4 12l16-8-6 17-3-7-7-2z",
  attach: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 5 5l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.5L15 7",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01",
  reply: "M10 6L4 12l6 6M4 12h10a6 6 0 0 1 6 6v1",
  pin: "M9 3h6l-1 7 4 4H6l4-4-1-7zM12 14v7",
  muted: "M6 9a6 6 0 0 1 10-4.5M18 9c0 6 2 7 2 7H8M10.5 20a2 2 0 0 0 3 0M3 3l18 18",
  down: "M6 10l6 6 6-6",
  up: "M6 14l6-6 6 6",
  add: "M12 5v14M5 12h14",
  check: "M5 13l4 4L19 7",
  checks: "M2 13l4 4L16 7M11 16l1 1L22 7",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  warn: "M12 4l9 16H3L12 4zM12 10v5M12 17.5h.01",
  file: "M6 3h8l5 5v13H6V3zM14 3v5h5",
  edit: "M4 20l1-5L16 4l4 4L9 19l-5 1z",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2v2h-2zM14 18h2v2h-2zM18 18h2v2h-2z",
  thread: "M5 5h14M5 10h14M9 15h10M9 20h10M5 15v5",
  at: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM16 8v5a2.5 2.5 0 0 0 5 0v-1a9 9 0 1 0-4 7.5",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside or in place of a text. What it stands in has the name. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
