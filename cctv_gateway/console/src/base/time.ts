/**
 * Timers and backoff as injected values, so that every waiting thing can be tested without waiting.
 * What a delay means belongs to the callers.
 */

export type Cancel = () => void;

export type Timers = {
  /** Monotonic milliseconds. */
  nowMs: () => number;
  later: (ms: number, work: () => void) => Cancel;
  every: (ms: number, work: () => void) => Cancel;
};

export const browserTimers: Timers = {
  nowMs: () => performance.now(),
  later: (ms, work) => {
    const id = setTimeout(work, ms);
    return () => {
      clearTimeout(id);
    };
  },
  every: (ms, work) => {
    const id = setInterval(work, ms);
    return () => {
      clearInterval(id);
    };
  },
};

/** setTimeout overflows beyond 24.8 days and would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Half fixed, half random, so that a control room does not come back in step. */
export function backoffMs(failures: number, random: number, baseMs = 1000, capMs = 30_000): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 16));
  return ceiling / 2 + (ceiling / 2) * random;
}
