import { keepIn, keptIn } from "../app/kept.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEPT = "tidings:theme";

export const theme = (): Theme => THEMES.find((name) => name === keptIn("localStorage", KEPT)) ?? "system";

export function applyTheme(chosen?: Theme): void {
  if (chosen) keepIn("localStorage", KEPT, chosen);
  document.documentElement.dataset["theme"] = chosen ?? theme();
}
