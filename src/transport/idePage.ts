/** GraphiQL's page: a bar that names the acting user, and the editor below. */
export const idePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Tidings: GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphiql/assets/graphiql.css">
<style>
  html, body { height: 100%; margin: 0; overflow: hidden; }
  body { display: flex; flex-direction: column; font: 14px system-ui, sans-serif; }
  #who { display: flex; gap: 8px; align-items: center; padding: 6px 12px; background: #1b2240; color: #fff; }
  #who input { font: inherit; padding: 3px 8px; border: 0; border-radius: 4px; width: 16em; }
  #who button { font: inherit; padding: 3px 12px; border: 0; border-radius: 4px; cursor: pointer; }
  #state { opacity: .8; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  #editor { flex: 1; min-height: 0; }
</style>
</head>
<body>
<form id="who">
  <label for="user">Act as</label>
  <input id="user" name="user" spellcheck="false" autocomplete="off">
  <button>Use</button>
  <span id="state" role="status"></span>
</form>
<div id="editor"></div>
<script src="/graphiql/assets/react.js"></script>
<script src="/graphiql/assets/react-dom.js"></script>
<script src="/graphiql/assets/graphiql.js"></script>
<script type="module" src="/graphiql/ide.js"></script>
</body>
</html>
`;

/**
 * The page's script. With `makesTokens` the server makes a token for a user's name; otherwise the user pastes a token into
 * the box. `operations` is the content of the first tab.
 */
export const ideScript = (makesTokens: boolean, operations: string): string => `const makesTokens = ${makesTokens};
const operations = ${JSON.stringify(operations)};
${SCRIPT}`;

const SCRIPT = String.raw`
import { createClient } from "/graphiql/assets/graphql-ws.js";

const form = document.getElementById("who");
const box = document.getElementById("user");
const state = document.getElementById("state");
const KEPT = "tidings:user";
const EARLY_MS = 30000;
let token, expiresAt = 0, client;

box.placeholder = makesTokens ? "a user's id, or a token" : "a token";
box.value = (makesTokens && localStorage.getItem(KEPT)) || (makesTokens ? "alice" : "");

const looksLikeToken = (text) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) && text.length > 64;

function expiryOf(text) {
  try {
    return JSON.parse(atob(text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).exp * 1000;
  } catch {
    return 0;
  }
}

async function renew() {
  const who = box.value.trim();
  if (looksLikeToken(who)) token = who;
  else if (!makesTokens) throw new Error("paste a token into the box above");
  else {
    const response = await fetch("/graphiql/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: who }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    token = answer.token;
    localStorage.setItem(KEPT, who);
  }
  expiresAt = expiryOf(token);
  state.textContent = "token good until " + new Date(expiresAt).toLocaleTimeString();
}

async function bearer() {
  if (token === undefined || (expiresAt - EARLY_MS < Date.now() && !looksLikeToken(box.value.trim()))) await renew();
  return "Bearer " + token;
}

function connect() {
  client?.dispose();
  client = createClient({
    url: new URL("/graphql", location.href).href.replace(/^http/, "ws"),
    connectionParams: async () => ({ authorization: await bearer() }),
  });
}

const fetcher = window.GraphiQL.createFetcher({
  url: "/graphql",
  fetch: async (url, init) => {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", await bearer());
    return fetch(url, { ...init, headers });
  },
  wsClient: { subscribe: (...all) => client.subscribe(...all) },
});

const root = window.ReactDOM.createRoot(document.getElementById("editor"));
let shown = 0;
function show() {
  shown += 1;
  const { GraphiQL } = window;
  root.render(
    window.React.createElement(GraphiQL, {
      key: shown,
      fetcher,
      shouldPersistHeaders: false,
      defaultQuery: operations,
    }),
  );
}

async function act() {
  token = undefined;
  connect();
  try {
    await renew();
  } catch (fault) {
    state.textContent = fault.message;
  }
  show();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void act();
});
void act();
`;
