/**
 * A clock for tests that moves only when told and fires what has come due, in order of time.
 * Never part of the built console.
 */
import type { Cancel, Timers } from './time';

type Entry = { at: number; work: () => void; everyMs: number | null };

export class ManualTimers implements Timers {
  #now = 1000;
  #entries = new Set<Entry>();

  nowMs = (): number => this.#now;

  later = (ms: number, work: () => void): Cancel => this.#add(ms, work, null);

  every = (ms: number, work: () => void): Cancel => this.#add(ms, work, ms);

  get pending(): number {
    return this.#entries.size;
  }

  /** Moves time forward, letting promises settle around each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      if (next.everyMs === null) this.#entries.delete(next);
      else next.at += next.everyMs;
      next.work();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #next(end: number): Entry | undefined {
    const due = [...this.#entries].filter((entry) => entry.at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }

  #add(ms: number, work: () => void, everyMs: number | null): Cancel {
    const entry = { at: this.#now + ms, work, everyMs };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }
}

/** Lets every promise that is ready run until it waits again. */
export async function settle(rounds = 20): Promise<void> {
  for (let i = 0; i < rounds; i += 1) await Promise.resolve();
}
