/** What one reacts with most. */
export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🎉"] as const;

/** What one writes with most. All others come from the keyboard of the system. */
export const COMMON = [
  ...["😀", "😄", "😁", "😅", "😂", "🙂", "😉", "😊", "😍", "😘", "😜", "🤔", "😐", "🙄", "😏", "😴"],
  ...["😎", "🥳", "😢", "😭", "😡", "😱", "🤯", "🥺", "🤗", "🤝", "👍", "👎", "👌", "👏", "🙏", "💪"],
  ...["👋", "✌️", "❤️", "💔", "🔥", "✨", "🎉", "🎂", "🌹", "☕", "🍵", "🍜", "🌞", "🌙", "✅", "❌"],
] as const;

/** Up to three emoji and nothing else: they are shown large. */
export const isOnlyEmoji = (text: string): boolean =>
  text.length <= 40 &&
  /^(?:\s*(?:\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*(?:\u{200D}\p{Extended_Pictographic}\u{FE0F}?)*)){1,3}\s*$/u.test(
    text,
  );
