import { SingleBar } from "cli-progress";
import type { Terminal } from "./import.ts";

export type Progress = {
  /** `done`: the total so far. */
  at(done: number): void;
  end(): void;
};

/** In milliseconds. How often a line is written where no bar can be shown. */
const LINE_MS = 5_000;

/**
 * On a terminal a bar with rate and time left. Elsewhere a line every few seconds. `from`: how many were done before it
 * began.
 */
export function showProgress(terminal: Terminal, label: string, unit: string, from: number, total: number): Progress {
  const began = performance.now();
  const figures = (done: number) => {
    const seconds = (performance.now() - began) / 1_000;
    const rate = (done - from) / seconds;
    return { rate: Math.round(rate), left: rate > 0 ? timeText(Math.max(0, total - done) / rate) : "?" };
  };
  if (terminal.bar) {
    const bar = new SingleBar({
      format: `${label}  {bar} {percentage}%  {value} ${unit}  {rate}/s  {left} left`,
      hideCursor: true,
      stopOnComplete: false,
    });
    bar.start(Math.max(1, total), from, { rate: 0, left: "?" });
    return {
      at: (done) => bar.update(done, figures(done)),
      end: () => bar.stop(),
    };
  }
  let said = began;
  return {
    at: (done) => {
      if (performance.now() - said < LINE_MS) return;
      said = performance.now();
      const { rate, left } = figures(done);
      terminal.out(`${label}: ${Math.floor((done / Math.max(1, total)) * 100)}%  ${done} ${unit}  ${rate}/s  ${left} left`);
    },
    end: () => {},
  };
}

/** The same where only a fraction is known: `at` takes 0 to 1. */
export function showPercent(terminal: Terminal, label: string): Progress {
  const began = performance.now();
  const left = (done: number) => (done > 0 ? timeText(((performance.now() - began) / 1_000) * (1 / done - 1)) : "?");
  if (terminal.bar) {
    const bar = new SingleBar({ format: `${label}  {bar} {percentage}%  {left} left`, hideCursor: true, stopOnComplete: false });
    bar.start(1, 0, { left: "?" });
    return { at: (done) => bar.update(done, { left: left(done) }), end: () => bar.stop() };
  }
  let said = began;
  return {
    at: (done) => {
      if (performance.now() - said < LINE_MS) return;
      said = performance.now();
      terminal.out(`${label}: ${Math.floor(done * 100)}%  ${left(done)} left`);
    },
    end: () => {},
  };
}

const timeText = (seconds: number): string => (seconds >= 90 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds)} s`);
