import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { Guarded } from "./parts/Guarded.tsx";
import { applyTheme } from "./settings/theme.ts";
import { startTexts } from "./texts/i18n.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/messages.css";
import "./styles/people.css";

applyTheme();
await startTexts();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <Guarded>
      <App />
    </Guarded>,
  );
