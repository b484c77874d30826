/**
 * Keeps one event stream to the gateway open: reconnects with backoff and notices silence.
 * What an event changes on the screen belongs to its listeners.
 */
import { backoffMs, type Cancel, type Timers } from '../base/time';
import { EVENT_NAMES, parseEvent, type GatewayEvent } from './events';

export type StreamState = 'connecting' | 'open' | 'lost' | 'closed';

/** The gateway pings more often than this; a longer silence means a dead connection. */
const SILENCE_MS = 45_000;
const STABLE_MS = 20_000;

export type EventSourceLike = Pick<EventSource, 'addEventListener' | 'close'>;

export type EventStreamPorts = {
  open: () => EventSourceLike;
  timers: Timers;
  random: () => number;
  onEvent: (event: GatewayEvent) => void;
  onState: (state: StreamState) => void;
};

export class EventStream {
  #ports: EventStreamPorts;
  #source: EventSourceLike | null = null;
  #timer: Cancel = () => undefined;
  #state: StreamState = 'connecting';
  #failures = 0;
  #openedMs = 0;

  constructor(ports: EventStreamPorts) {
    this.#ports = ports;
  }

  get state(): StreamState {
    return this.#state;
  }

  start(): void {
    this.#connect();
  }

  close(): void {
    this.#drop();
    this.#enter('closed');
  }

  #connect(): void {
    const source = this.#ports.open();
    this.#source = source;
    source.addEventListener('open', () => {
      if (source === this.#source) this.#opened();
    });
    source.addEventListener('error', () => {
      if (source === this.#source) this.#lost();
    });
    for (const name of EVENT_NAMES) {
      source.addEventListener(name, (message) => {
        if (source !== this.#source) return;
        this.#watchSilence();
        const event = parseEvent(name, String(message.data));
        if (event !== null) this.#ports.onEvent(event);
      });
    }
    this.#watchSilence();
  }

  #opened(): void {
    this.#openedMs = this.#ports.timers.nowMs();
    this.#watchSilence();
    this.#enter('open');
  }

  #lost(): void {
    const { timers, random } = this.#ports;
    const stable = this.#state === 'open' && timers.nowMs() - this.#openedMs > STABLE_MS;
    this.#failures = stable ? 1 : this.#failures + 1;
    this.#drop();
    this.#enter('lost');
    this.#timer = timers.later(backoffMs(this.#failures, random()), () => {
      this.#connect();
    });
  }

  #watchSilence(): void {
    this.#timer();
    this.#timer = this.#ports.timers.later(SILENCE_MS, () => {
      this.#lost();
    });
  }

  #drop(): void {
    this.#timer();
    this.#source?.close();
    this.#source = null;
  }

  #enter(state: StreamState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#ports.onState(state);
  }
}
