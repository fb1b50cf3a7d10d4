export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEPT = "tidings:theme";

export const theme = (): Theme => THEMES.find((name) => name === localStorage.getItem(KEPT)) ?? "system";

export function applyTheme(chosen?: Theme): void {
  if (chosen) localStorage.setItem(KEPT, chosen);
  document.documentElement.dataset["theme"] = theme();
}
