import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';

import type { CameraItem } from '../api/types';
import { ManualTimers } from '../base/ManualTimers';
import { aCamera, aVerdict } from '../testing/cameras';
import { nextEdge, withStates } from './cameraCache';
import { EventRouter } from './EventRouter';
import { keys } from './queryKeys';
import { ServerClock } from './serverClock';

const NOON = new Date('2026-11-23T03:00:00Z');

describe('nextEdge', () => {
  it.each([
    ['nothing is known', [aVerdict()], null],
    ['all is past', [aVerdict({ valid_until: '2026-11-23T02:59:59Z' })], null],
    [
      'a window ends before another opens',
      [
        aVerdict({ valid_until: '2026-11-23T11:00:00Z' }),
        aVerdict({ allowed: false, retry_at: '2026-11-23T12:00:00Z' }),
      ],
      '2026-11-23T11:00:00.000Z',
    ],
  ])('when %s', (_, verdicts, expected) => {
    const cameras = verdicts.map((verdict, index) =>
      aCamera(index, { verdicts: { audit: verdict } }),
    );
    expect(nextEdge(cameras, NOON)?.toISOString() ?? null).toBe(expected);
  });
});

describe('withStates', () => {
  it('changes the named cameras and leaves the others identical', () => {
    const [a, b] = [aCamera(1), aCamera(2)];
    const since = NOON.toISOString();
    const [x, y] = withStates([a, b], new Map([[b.id, { state: 'live', since }]]));
    expect(x).toBe(a);
    expect(y).toMatchObject({ state: 'live', state_since: since });
  });
});

describe('ServerClock', () => {
  it('carries the gateway time on with the monotonic clock', () => {
    let ms = 5000;
    const clock = new ServerClock(() => ms);
    clock.set('2026-11-23T03:00:00Z');
    ms += 1500;
    expect(clock.now().toISOString()).toBe('2026-11-23T03:00:01.500Z');
    clock.set('nonsense');
    expect(clock.now().toISOString()).toBe('2026-11-23T03:00:01.500Z');
  });
});

describe('EventRouter', () => {
  function build() {
    const queries = new QueryClient();
    const timers = new ManualTimers();
    const onCut = vi.fn();
    const clock = new ServerClock(() => 0);
    return {
      queries,
      timers,
      onCut,
      clock,
      router: new EventRouter(queries, clock, timers, onCut),
    };
  }

  it('applies a burst of camera states in one step', async () => {
    const { queries, timers, router } = build();
    queries.setQueryData(keys.cameras('crime_prevention'), [aCamera(1), aCamera(2)]);
    const drawn = vi.fn();
    queries.getQueryCache().subscribe(drawn);
    const since = NOON.toISOString();
    for (const camera of ['gj-buk-0001-1', 'gj-buk-0001-2']) {
      router.take({ name: 'camera.state', data: { camera, state: 'backoff', since } });
    }
    expect(drawn).not.toHaveBeenCalled();
    await timers.advance(200);
    const cameras = queries.getQueryData<CameraItem[]>(keys.cameras('crime_prevention'));
    expect(cameras?.map(({ state }) => state)).toEqual(['backoff', 'backoff']);
    expect(drawn).toHaveBeenCalledTimes(1);
  });

  it('hands a cut on and makes the verdicts stale', () => {
    const { queries, onCut, router } = build();
    queries.setQueryData(keys.cameras(null), [aCamera(1)]);
    const data = {
      view_id: 'v',
      camera: 'c',
      code: 'OUT_OF_WINDOW',
      message: 'm',
      message_ko: 'k',
      at: NOON.toISOString(),
    } as const;
    router.take({ name: 'view.cut', data });
    expect(onCut).toHaveBeenCalledWith(data);
    expect(queries.getQueryState(keys.cameras(null))?.isInvalidated).toBe(true);
  });

  it('sets the clock with every ping', () => {
    const { clock, router } = build();
    router.take({ name: 'ping', data: { now: NOON.toISOString(), dropped: 0 } });
    expect(clock.now()).toEqual(NOON);
  });

  it('distrusts everything after a gap', () => {
    const { queries, router } = build();
    queries.setQueryData(keys.config, {});
    router.connection('open');
    expect(queries.getQueryState(keys.config)?.isInvalidated).toBe(false);
    router.connection('lost');
    router.connection('open');
    expect(queries.getQueryState(keys.config)?.isInvalidated).toBe(true);
  });
});
