import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { explained } from "./explained.ts";

type Notice = { id: number; text: string; isFault: boolean };
type Notices = {
  /** Says something for some seconds. */
  say(text: string): void;
  /** Does something, and says why where it could not be done. Gives its result, or undefined. */
  attempt<T>(act: () => Promise<T>): Promise<T | undefined>;
};

const SHOWN_MS = 6_000;
/** A fault takes longer to read. */
const FAULT_MS = 10_000;
const Context = createContext<Notices | undefined>(undefined);
const Shown = createContext<readonly Notice[]>([]);
let count = 0;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [all, setAll] = useState<readonly Notice[]>([]);
  const show = useCallback((text: string, isFault: boolean) => {
    const id = ++count;
    setAll((others) => [...others.slice(-2), { id, text, isFault }]);
    setTimeout(() => setAll((others) => others.filter((other) => other.id !== id)), isFault ? FAULT_MS : SHOWN_MS);
  }, []);
  const notices = useMemo<Notices>(
    () => ({
      say: (text) => show(text, false),
      async attempt(act) {
        try {
          return await act();
        } catch (fault) {
          show(explained(t, fault), true);
          return undefined;
        }
      },
    }),
    [show, t],
  );
  return (
    <Context value={notices}>
      <Shown value={all}>
        {children}
        <NoticeList />
      </Shown>
    </Context>
  );
}

/** What is said now. A dialog has one of its own: while it is open, nobody sees or hears what is below it. */
export function NoticeList() {
  const all = useContext(Shown);
  return (
    <div className="notices" role="status">
      {all.map(({ id, text, isFault }) => (
        <p key={id} className={isFault ? "notice notice-fault" : "notice"}>
          {text}
        </p>
      ))}
    </div>
  );
}

export function useNotices(): Notices {
  const notices = useContext(Context);
  if (!notices) throw new Error("there is no NoticesProvider");
  return notices;
}
