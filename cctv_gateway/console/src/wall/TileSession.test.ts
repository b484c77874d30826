import { beforeEach, describe, expect, it, vi } from 'vitest';

import { failed, ok, type Result } from '../api/result';
import type { OpenedView, OpenViewRequest } from '../api/types';
import { ManualTimers } from '../base/ManualTimers';
import { aView, cut, denial, FakePlayer } from '../testing/views';
import { FakeVideo } from '../whep/FakePeer';
import { TileSession, type TileStatus } from './TileSession';

const START = Date.parse('2026-11-23T03:00:00Z');

let timers: ManualTimers;
let answers: (Result<OpenedView> | Promise<Result<OpenedView>>)[];
let asked: OpenViewRequest[];
let players: FakePlayer[];
let closedViews: string[];
let away: boolean;
let statuses: TileStatus[];
let session: TileSession;
const setQuality = vi.fn(() => Promise.resolve());

beforeEach(async () => {
  timers = new ManualTimers();
  [answers, asked, players, closedViews, statuses, away] = [[], [], [], [], [], false];
  const startedMs = timers.nowMs();
  setQuality.mockClear();
  session = new TileSession(
    { camera: 'cam', purpose: 'crime_prevention', quality: 'sub' },
    new FakeVideo().sink,
    {
      openView: (request) => {
        asked.push(request);
        return Promise.resolve(answers.shift() ?? ok(aView(`v${asked.length}`)));
      },
      closeView: (id) => Promise.resolve(closedViews.push(id)),
      setQuality,
      makePlayer: (url, tell) => {
        const player = new FakePlayer(url, tell);
        players.push(player);
        return player;
      },
      cameraIsAway: () => away,
      serverNow: () => new Date(START + timers.nowMs() - startedMs),
      timers,
      random: () => 1,
    },
    ({ status }) => statuses.push(status),
  );
  session.start();
  await Promise.resolve();
});

function player(): FakePlayer {
  const last = players.at(-1);
  if (last === undefined) throw new Error('nothing plays');
  return last;
}

async function goLive(): Promise<void> {
  await timers.advance(0);
  player().tell({ kind: 'playing', firstFrameMs: 120 });
}

const kind = () => session.snapshot.status.kind;

describe('opening', () => {
  it('asks, connects, and is live', async () => {
    await goLive();
    expect(statuses.map((status) => status.kind)).toEqual(['requesting', 'connecting', 'live']);
    expect(players.map(({ url }) => url)).toEqual(['/whep/v1']);
    expect(session.snapshot.view?.watermark).toBe('김단속 · 방범');
  });

  it('asks for nothing when it is closed at once', async () => {
    session.close();
    await timers.advance(1000);
    expect(asked).toEqual([]);
  });

  it('gives back a view that was granted too late', async () => {
    let grant: (view: Result<OpenedView>) => void = () => undefined;
    answers.push(new Promise((resolve) => (grant = resolve)));
    await timers.advance(0);
    expect(kind()).toBe('requesting');
    session.close();
    grant(ok(aView('late')));
    await timers.advance(0);
    expect(closedViews).toEqual(['late']);
    expect(players).toEqual([]);
  });
});

describe('refusals', () => {
  it('tells why and waits for a person', async () => {
    answers.push(denial('NO_AGREEMENT'));
    await timers.advance(3_600_000);
    expect(session.snapshot.status).toMatchObject({
      kind: 'denied',
      refusal: { code: 'NO_AGREEMENT', messageKo: 'NO_AGREEMENT 한국어', retryAt: null },
    });
    expect(asked).toHaveLength(1);
    session.tryAgain();
    await goLive();
    expect(kind()).toBe('live');
  });

  it('asks again when the hour has come, and not before', async () => {
    answers.push(denial('OUT_OF_WINDOW', '2026-11-23T03:10:00Z'));
    await timers.advance(600_000);
    expect(asked).toHaveLength(1);
    await timers.advance(3_001);
    expect(asked).toHaveLength(2);
  });

  it('takes the ground that was missing', async () => {
    answers.push(denial('NO_INCIDENT'));
    await timers.advance(0);
    session.tryAgain({ incident: '112-2026-0077' });
    await timers.advance(0);
    expect(asked.at(-1)).toMatchObject({ incident: '112-2026-0077', camera: 'cam' });
  });
});

describe('cuts', () => {
  it('end the picture at once, say why, and are not undone', async () => {
    await goLive();
    session.onCut(cut('v1', 'OUT_OF_WINDOW'));
    expect(player().closed).toBe(true);
    expect(session.snapshot).toMatchObject({
      status: { kind: 'cut', refusal: { code: 'OUT_OF_WINDOW', messageKo: '이유' } },
      view: null,
    });
    await timers.advance(3_600_000);
    expect(asked).toHaveLength(1);
    expect(timers.pending).toBe(0);
  });

  it('of other views are ignored', async () => {
    await goLive();
    session.onCut(cut('v2', 'OUT_OF_WINDOW'));
    expect(kind()).toBe('live');
  });

  it('find the tile although its picture was lost first', async () => {
    await goLive();
    player().tell({ kind: 'failed', failure: 'CONNECTION_LOST' });
    expect(kind()).toBe('reconnecting');
    session.onCut(cut('v1', 'PAUSED'));
    await timers.advance(60_000);
    expect(kind()).toBe('cut');
    expect(asked).toHaveLength(1);
  });

  it('with a technical reason lead to a new view', async () => {
    await goLive();
    session.onCut(cut('v1', 'RELAY_FAILED'));
    expect(kind()).toBe('reconnecting');
    await timers.advance(1_000);
    await goLive();
    expect(session.snapshot.view?.view_id).toBe('v2');
  });
});

describe('a refusal that has ended', () => {
  it('is asked again when the list says so, and only then', async () => {
    session.onVerdict(true);
    await goLive();
    session.onCut(cut('v1', 'PAUSED'));
    session.onVerdict(false);
    await timers.advance(600_000);
    expect(asked).toHaveLength(1);
    session.onVerdict(true);
    await timers.advance(2_000);
    expect(asked).toHaveLength(2);
  });

  it('is not asked again when the list never said no', async () => {
    session.onVerdict(true);
    await goLive();
    session.onCut(cut('v1', 'TIME_LIMIT'));
    session.onVerdict(true);
    await timers.advance(600_000);
    expect(asked).toHaveLength(1);
  });
});

describe('mishaps', () => {
  it('wait no longer once the gateway is back', async () => {
    answers.push(...Array.from({ length: 8 }, () => failed<OpenedView>('NETWORK')));
    await timers.advance(20_000);
    const before = asked.length;
    session.hurry();
    await timers.advance(2_000);
    expect(asked.length).toBe(before + 1);
  });

  it('are retried with growing delays', async () => {
    answers.push(failed('NETWORK'), failed('NETWORK'), failed('NETWORK'));
    await timers.advance(0);
    for (const [ms, count] of [
      [1_000, 2],
      [2_000, 3],
      [4_000, 4],
    ] as const) {
      await timers.advance(ms - 1);
      expect(asked).toHaveLength(count - 1);
      await timers.advance(1);
      expect(asked).toHaveLength(count);
    }
  });

  it('begin with a short delay again after a stable picture', async () => {
    answers.push(failed('NETWORK'), failed('NETWORK'));
    await timers.advance(3_000);
    await goLive();
    await timers.advance(30_000);
    player().tell({ kind: 'failed', failure: 'CONNECTION_LOST' });
    expect(session.snapshot.status).toMatchObject({ kind: 'reconnecting', attempt: 1 });
  });

  it('a denial after a mishap is a denial', async () => {
    await goLive();
    player().tell({ kind: 'failed', failure: 'CONNECTION_LOST' });
    answers.push(denial('ACCOUNT_DISABLED'));
    await timers.advance(60_000);
    expect(kind()).toBe('denied');
    expect(asked).toHaveLength(2);
  });

  it('a frozen picture is given up after a while', async () => {
    await goLive();
    player().tell({ kind: 'frozen', sinceMs: 0 });
    expect(kind()).toBe('frozen');
    await timers.advance(20_000);
    expect(session.snapshot.status).toMatchObject({ kind: 'reconnecting', code: 'NO_PICTURE' });
  });

  it('a frozen picture is kept while the camera itself is away', async () => {
    away = true;
    await goLive();
    player().tell({ kind: 'frozen', sinceMs: 0 });
    await timers.advance(600_000);
    expect(kind()).toBe('frozen');
    expect(asked).toHaveLength(1);
    player().tell({ kind: 'playing', firstFrameMs: 120 });
    expect(kind()).toBe('live');
  });
});

describe('quality', () => {
  it('changes the running view, and holds for the next', async () => {
    await goLive();
    session.select('main');
    session.select('main');
    expect(setQuality).toHaveBeenCalledExactlyOnceWith('v1', 'main');
    player().tell({ kind: 'failed', failure: 'CONNECTION_LOST' });
    await timers.advance(1_000);
    expect(asked.at(-1)?.quality).toBe('main');
  });
});

describe('closing', () => {
  it('ends the player and leaves no timer', async () => {
    await goLive();
    session.close();
    expect(player().closed).toBe(false);
    expect(closedViews).toEqual([]);
    expect(timers.pending).toBe(0);
    session.tryAgain();
    expect(asked).toHaveLength(1);
  });

  it('asks for nothing when the gateway ends the view by itself', async () => {
    await timers.advance(0);
    player().attached = false;
    session.close(true);
    expect(player().closed).toBe(true);
    expect(closedViews).toEqual([]);
  });

  it('gives the view back when the player had not reached the gateway', async () => {
    await timers.advance(0);
    player().attached = false;
    session.close();
    expect(closedViews).toEqual(['v1']);
  });
});
