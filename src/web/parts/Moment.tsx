import { useToday } from "./useToday.ts";
import { clock, inFull, shortly } from "../texts/dates.ts";

type Props = { at: string; language: string; short?: boolean; className?: string };

/** A time of the day, or as short as it can be told (`short`); in full where the pointer rests on it. `at`: as ISO 8601. */
export function Moment({ at, language, short = false, className }: Props) {
  const date = new Date(at);
  return (
    <time
      className={className}
      dateTime={at}
      // Only now: in full it takes longer to write than all the rest of a message.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = inFull(language, date);
      }}
    >
      {short ? <Shortly date={date} language={language} /> : clock(language, date)}
    </time>
  );
}

function Shortly({ date, language }: { date: Date; language: string }) {
  useToday();
  return shortly(language, date);
}
