import { describe, expect, it } from 'vitest';

import { ManualTimers } from '../base/ManualTimers';
import { backoffMs } from '../base/time';
import { EVENT_NAMES, parseEvent, type GatewayEvent } from './events';
import { EventStream, type EventSourceLike, type StreamState } from './EventStream';

class FakeSource implements EventSourceLike {
  #listeners = new Map<string, (event: Event) => void>();
  closed = false;

  addEventListener = (name: string, listener: unknown): void => {
    this.#listeners.set(name, listener as (event: Event) => void);
  };

  close = (): void => {
    this.closed = true;
  };

  emit(name: string, data?: string): void {
    this.#listeners.get(name)?.(new MessageEvent(name, { data }));
  }
}

function build() {
  const timers = new ManualTimers();
  const sources: FakeSource[] = [];
  const events: GatewayEvent[] = [];
  const states: StreamState[] = [];
  const stream = new EventStream({
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    timers,
    random: () => 1,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
  });
  const last = () => {
    const source = sources.at(-1);
    if (source === undefined) throw new Error('nothing was opened');
    return source;
  };
  return { timers, sources, events, states, stream, last };
}

const PING = '{"now":"2026-11-23T03:00:00Z","dropped":0}';

describe('EventStream', () => {
  it('hands on events and drops what is no event', () => {
    const { stream, last, events, states } = build();
    stream.start();
    last().emit('open');
    last().emit('ping', PING);
    last().emit('ping', 'not json');
    expect(states).toEqual(['open']);
    expect(events.map(({ name }) => name)).toEqual(['ping']);
  });

  it('reconnects with a growing delay until it opens', async () => {
    const { stream, last, sources, states, timers } = build();
    stream.start();
    last().emit('error');
    expect(last().closed).toBe(true);
    await timers.advance(999);
    expect(sources).toHaveLength(1);
    await timers.advance(1);
    expect(sources).toHaveLength(2);
    last().emit('error');
    await timers.advance(1999);
    expect(sources).toHaveLength(2);
    await timers.advance(1);
    last().emit('open');
    expect(states).toEqual(['lost', 'open']);
  });

  it('begins with short delays again after a stable time', async () => {
    const { stream, last, sources, timers } = build();
    stream.start();
    for (let i = 0; i < 4; i += 1) {
      last().emit('error');
      await timers.advance(30_000);
    }
    last().emit('open');
    for (let i = 0; i < 3; i += 1) {
      await timers.advance(15_000);
      last().emit('ping', PING);
    }
    const opened = sources.length;
    last().emit('error');
    await timers.advance(1000);
    expect(sources).toHaveLength(opened + 1);
  });

  it('takes a long silence for a dead connection', async () => {
    const { stream, last, states, timers } = build();
    stream.start();
    last().emit('open');
    await timers.advance(44_999);
    last().emit('ping', PING);
    await timers.advance(44_999);
    expect(states).toEqual(['open']);
    await timers.advance(1);
    expect(states).toEqual(['open', 'lost']);
  });

  it('ignores a source that it has left', async () => {
    const { stream, sources, events, timers, last } = build();
    stream.start();
    last().emit('error');
    await timers.advance(1000);
    sources[0]?.emit('ping', PING);
    sources[0]?.emit('error');
    expect(events).toEqual([]);
    expect(sources).toHaveLength(2);
  });

  it('closes for good and leaves no timer', async () => {
    const { stream, sources, states, timers, last } = build();
    stream.start();
    stream.close();
    expect(last().closed).toBe(true);
    await timers.advance(120_000);
    expect(sources).toHaveLength(1);
    expect(states).toEqual(['closed']);
    expect(timers.pending).toBe(0);
  });
});

describe('parseEvent', () => {
  it.each(EVENT_NAMES)('refuses broken %s events', (name) => {
    for (const text of ['', '[]', 'null', '1', '{}', '{"now":1}', '{"camera":null}', '{"a"']) {
      expect(parseEvent(name, text)).toBeNull();
    }
  });
});

describe('backoffMs', () => {
  it.each([
    [0, 0, 500],
    [1, 1, 1000],
    [3, 0.5, 3000],
    [5, 1, 16_000],
    [50, 1, 30_000],
    [50, 0, 15_000],
  ])('after %i failures with %f it is %i', (failures, random, expected) => {
    expect(backoffMs(failures, random)).toBe(expected);
  });
});
