/**
 * The gateway's clock as the browser knows it: its last word, carried on by the monotonic clock.
 * Formatting belongs in `i18n/time.ts`.
 */
export class ServerClock {
  #nowMs: () => number;
  #server = 0;
  #local: number | null = null;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The gateway said that it is `at`; the delay of the message is ignored. */
  set(at: string): void {
    const server = Date.parse(at);
    if (Number.isNaN(server)) return;
    this.#server = server;
    this.#local = this.#nowMs();
  }

  now(): Date {
    if (this.#local === null) return new Date();
    return new Date(this.#server + this.#nowMs() - this.#local);
  }
}
