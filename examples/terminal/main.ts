import { homedir } from "node:os";
import { join } from "node:path";
import { inFile } from "../inFile.ts";
import { signIn } from "../signIn.ts";
import { chat } from "./chat.ts";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("say who you are: npm run example terminal alice");
const client = signIn(name, { storage: inFile(join(homedir(), ".tidings-chat", `${name}.json`)) });
// Where the input is no terminal, Ctrl-C is a signal.
const ended = new AbortController();
process.once("SIGINT", () => ended.abort());
await chat(client, process.stdin, process.stdout, ended.signal);
process.stdin.destroy();
