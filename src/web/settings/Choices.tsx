import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SelectField } from "../parts/Field.tsx";
import { type Language, speak } from "../texts/i18n.ts";
import { applyTheme, type Theme, theme, THEMES } from "./theme.ts";

export function LanguageChoice() {
  const { t, i18n } = useTranslation();
  return (
    <SelectField
      label={t("settings.language")}
      value={i18n.language}
      onChange={(event) => void speak(event.target.value as Language)}
    >
      <option value="en">{t("settings.english")}</option>
      <option value="zh">{t("settings.chinese")}</option>
    </SelectField>
  );
}

export function ThemeChoice() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(theme);
  const choose = (next: Theme): void => {
    applyTheme(next);
    setChosen(next);
  };
  return (
    <SelectField label={t("settings.theme")} value={chosen} onChange={(event) => choose(event.target.value as Theme)}>
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {t(`settings.${name}`)}
        </option>
      ))}
    </SelectField>
  );
}
