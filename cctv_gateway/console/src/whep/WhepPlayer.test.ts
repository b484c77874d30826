import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ManualTimers, settle } from '../base/ManualTimers';
import { FetchFake } from '../testing/fetchFake';
import { FakePeer, FakeVideo } from './FakePeer';
import { WhepPlayer, type PlayerState } from './WhepPlayer';

const OFFER = '/whep/secret';
const RESOURCE = '/whep/r/resource';
const CREATED = { status: 201, body: 'v=0 answer', headers: { Location: RESOURCE } };

class FakeStream {
  constructor(readonly tracks: unknown[]) {}
}

let server: FetchFake;
let timers: ManualTimers;
let peer: FakePeer;
let video: FakeVideo;
let states: string[];
let player: WhepPlayer;

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeStream);
  server = new FetchFake().on('POST', OFFER, CREATED).on('DELETE', RESOURCE, { status: 200 });
  timers = new ManualTimers();
  peer = new FakePeer();
  video = new FakeVideo();
  states = [];
  const ports = {
    createPeer: () => peer as unknown as RTCPeerConnection,
    fetch: server.fetch,
    timers,
  };
  player = new WhepPlayer(OFFER, ports, (state) => states.push(words(state)));
});

afterEach(() => {
  player.close();
  expect(timers.pending).toBe(0);
  expect(video.waiting).toBe(0);
  expect(video.srcObject).toBeNull();
});

function words(state: PlayerState): string {
  return state.kind === 'failed' ? `failed ${state.failure}` : state.kind;
}

function asked(): string[] {
  return server.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
}

async function play(): Promise<void> {
  await player.start(video.sink);
  peer.connect();
  peer.ontrack?.({ track: {} });
  await timers.advance(150);
  video.paint();
}

describe('start', () => {
  it('offers video only and shows the first picture', async () => {
    await play();
    expect(peer.kinds).toEqual(['video recvonly']);
    expect(server.requests[0]?.headers.get('Content-Type')).toBe('application/sdp');
    expect(await server.requests[0]?.text()).toBe('v=0 offer');
    expect(peer.remoteDescription).toEqual({ type: 'answer', sdp: 'v=0 answer' });
    expect(states).toEqual(['offering', 'connecting', 'playing']);
    expect(player.firstFrameMs).toBe(150);
  });

  it('asks for a short jitter buffer by both names', async () => {
    await player.start(video.sink);
    expect(peer.receiver).toEqual({ jitterBufferTarget: 80, playoutDelayHint: 0.08 });
  });

  it('starts only once', async () => {
    await player.start(video.sink);
    await expect(player.start(video.sink)).rejects.toThrow('starts once');
  });
});

describe('failures', () => {
  it('when the endpoint refuses', async () => {
    server.on('POST', OFFER, { status: 404 });
    await player.start(video.sink);
    expect(states).toEqual(['offering', 'failed REFUSED']);
    expect(peer.closed).toBe(true);
    expect(asked()).toEqual([`POST ${OFFER}`]);
  });

  it('when the endpoint is out of reach', async () => {
    server.on('POST', OFFER, () => Promise.reject(new TypeError('offline')));
    await player.start(video.sink);
    expect(states.at(-1)).toBe('failed UNREACHABLE');
  });

  it('when the answer cannot be applied, and hangs up', async () => {
    peer.refusesAnswer = true;
    await player.start(video.sink);
    expect(states.at(-1)).toBe('failed BAD_ANSWER');
    expect(asked()).toEqual([`POST ${OFFER}`, `DELETE ${RESOURCE}`]);
  });

  it('when no media path comes up', async () => {
    await player.start(video.sink);
    await timers.advance(9_999);
    expect(player.state.kind).toBe('connecting');
    await timers.advance(1);
    expect(states.at(-1)).toBe('failed NO_CONNECTION');
  });

  it.each([
    [
      'the path fails',
      () => {
        peer.connect('failed');
      },
    ],
    [
      'the gateway closes DTLS',
      () => {
        peer.closeTransport();
      },
    ],
  ])('when %s', async (_, happen) => {
    await play();
    happen();
    expect(states.at(-1)).toBe('failed CONNECTION_LOST');
    expect(video.srcObject).toBeNull();
  });

  it('asks for no end of what the gateway has ended', async () => {
    await play();
    peer.closeTransport();
    await settle();
    expect(asked()).toEqual([`POST ${OFFER}`]);
    expect(player.attached).toBe(true);
  });

  it('says it once only', async () => {
    await play();
    peer.closeTransport();
    peer.connect('failed');
    expect(states.filter((state) => state.startsWith('failed'))).toHaveLength(1);
  });
});

describe('freezing', () => {
  it('is noticed after three seconds without a picture, and ends with the next', async () => {
    await play();
    await timers.advance(3_000);
    expect(player.state.kind).toBe('playing');
    await timers.advance(1_000);
    expect(player.state.kind).toBe('frozen');
    video.paint();
    expect(player.state.kind).toBe('playing');
  });

  it('is not assumed in a hidden tab, where pictures are decoded but not painted', async () => {
    await play();
    for (let i = 0; i < 10; i += 1) {
      peer.framesDecoded += 15;
      await timers.advance(1_000);
    }
    expect(player.state.kind).toBe('playing');
  });
});

describe('close', () => {
  it('takes the picture away and DELETEs the resource, once', async () => {
    await play();
    player.close();
    player.close();
    await settle();
    expect(asked()).toEqual([`POST ${OFFER}`, `DELETE ${RESOURCE}`]);
    expect(server.last.keepalive).toBe(true);
    expect(peer.closed).toBe(true);
    expect(states.at(-1)).toBe('closed');
  });

  it('keeps the path up until the DELETE has arrived', async () => {
    let hungUp: (value: { status: number }) => void = () => undefined;
    const waiting = new Promise<{ status: number }>((resolve) => (hungUp = resolve));
    server.on('DELETE', RESOURCE, () => waiting);
    await play();
    player.close();
    await settle();
    expect(video.srcObject).toBeNull();
    expect(peer.closed).toBe(false);
    hungUp({ status: 200 });
    await settle();
    expect(peer.closed).toBe(true);
  });

  it('leaves nothing to DELETE when the gateway has ended the view', async () => {
    await play();
    player.close(true);
    await settle();
    expect(asked()).toEqual([`POST ${OFFER}`]);
  });

  it('hangs up when the answer comes after it', async () => {
    let answer: (value: typeof CREATED) => void = () => undefined;
    server.on('POST', OFFER, () => new Promise<typeof CREATED>((resolve) => (answer = resolve)));
    const started = player.start(video.sink);
    await settle();
    player.close();
    answer(CREATED);
    await started;
    expect(states).toEqual(['offering', 'closed']);
    expect(asked()).toEqual([`POST ${OFFER}`, `DELETE ${RESOURCE}`]);
    expect(peer.remoteDescription).toBeNull();
  });
});
