import { spawn } from "node:child_process";

/** It ends by itself where whoever began it is gone. */
const SPIN = `const parent = process.ppid; while (process.ppid === parent) for (let turn = 0; turn < 1e7; turn++);`;

/** Keeps as many processors busy, or so many processes waiting for one. The function returned ends it. */
export function busy(processes: number): () => void {
  const children = Array.from({ length: processes }, () => spawn(process.execPath, ["-e", SPIN], { stdio: "ignore" }));
  return () => {
    for (const child of children) child.kill("SIGKILL");
  };
}
