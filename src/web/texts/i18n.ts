import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { keepIn, keptIn } from "../app/kept.ts";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];
const KEPT = "tidings:language";

/** The language that was chosen on this machine, or else the browser's first one that the page speaks. */
function preferred(): Language {
  const wanted = [keptIn("localStorage", KEPT) ?? "", ...navigator.languages];
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split("-", 1)[0] === language);
    if (found) return found;
  }
  return "en";
}

const named = (language: string): void => {
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
};

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, zh: { translation: zh } },
    lng: preferred(),
    fallbackLng: "en",
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  });
  named(i18next.language);
}

export async function speak(language: Language): Promise<void> {
  keepIn("localStorage", KEPT, language);
  await i18next.changeLanguage(language);
  named(language);
}
