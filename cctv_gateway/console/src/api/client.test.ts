import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { aCamera } from '../testing/cameras';
import { aProblem, FetchFake } from '../testing/fetchFake';
import { GatewayClient } from './client';
import type { Me } from './types';

const ME: Me = {
  account: 'kim',
  name: '김단속',
  name_en: 'Kim',
  roles: [],
  active: null,
  csrf: 'token-1',
  now: '2026-11-23T03:00:00Z',
};

let server: FetchFake;
let client: GatewayClient;

beforeEach(() => {
  server = new FetchFake();
  client = new GatewayClient(server.fetch);
});

afterEach(() => {
  expect(server.unhandled).toEqual([]);
});

describe('login', () => {
  it('keeps the CSRF token for every later change', async () => {
    server.on('POST', '/api/login', { status: 200, body: ME });
    server.on('POST', '/api/views', aProblem(403, 'NO_AGREEMENT'));
    expect(await client.login({ account: 'kim', password: 'a long one' })).toMatchObject({
      kind: 'ok',
      value: { account: 'kim' },
    });
    expect(server.last.headers.get('X-CSRF-Token')).toBeNull();
    await client.openView({ camera: 'c', purpose: 'crime_prevention', quality: 'sub' });
    expect(server.last.headers.get('X-CSRF-Token')).toBe('token-1');
  });

  it('tells a refusal in the words of the gateway', async () => {
    server.on('POST', '/api/login', aProblem(401, 'LOGIN_FAILED'));
    const lost = vi.fn();
    client.whenLoginLost(lost);
    expect(await client.login({ account: 'kim', password: 'wrong' })).toMatchObject({
      kind: 'denied',
      problem: { code: 'LOGIN_FAILED', detail_ko: 'LOGIN_FAILED 한국어' },
    });
    expect(lost).not.toHaveBeenCalled();
  });

  it('knows that nobody is logged in', async () => {
    server.on('GET', '/api/me', aProblem(401, 'LOGIN_REQUIRED'));
    expect(await client.me()).toEqual({ kind: 'ok', value: null });
  });

  it('knows while a logout is on its way that the gateway ends the views', async () => {
    const seen: boolean[] = [];
    server.on('POST', '/api/logout', () => {
      seen.push(client.endsViews);
      return { status: 204 };
    });
    await client.logout();
    expect([...seen, client.endsViews]).toEqual([true, false]);
  });

  it('notices a login that has ended', async () => {
    server.on('GET', '/api/config', aProblem(401, 'LOGIN_REQUIRED'));
    const lost = vi.fn();
    client.whenLoginLost(lost);
    await client.configStatus();
    expect(lost).toHaveBeenCalledOnce();
  });
});

describe('results', () => {
  it.each([
    ['a refusal by law', aProblem(403, 'OUT_OF_WINDOW'), { kind: 'denied' }],
    ['an unknown camera', aProblem(404, 'NOT_FOUND'), { kind: 'denied' }],
    ['overload', aProblem(503, 'OVERLOADED'), { kind: 'failed', failure: { code: 'OVERLOADED' } }],
    ['too many tries', aProblem(429, 'TOO_MANY_TRIES'), { kind: 'failed' }],
    ['a proxy page', { status: 502, body: '<html>' }, { failure: { code: 'HTTP_502' } }],
    ['a problem without words', { status: 403, body: {} }, { failure: { code: 'HTTP_403' } }],
    [
      'broken JSON',
      { status: 200, body: '{' },
      { kind: 'failed', failure: { code: 'BAD_ANSWER' } },
    ],
  ])('sorts %s', async (_, answer, expected) => {
    server.on('GET', '/api/discovery', answer);
    expect(await client.discovery()).toMatchObject(expected);
  });

  it('calls a dead network a failure', async () => {
    const dead = new GatewayClient(() => Promise.reject(new TypeError('offline')));
    expect(await dead.me()).toEqual({
      kind: 'failed',
      failure: { code: 'NETWORK', problem: null },
    });
  });
});

describe('cameras', () => {
  it('reads all pages', async () => {
    server.on('GET', '/api/cameras', ({ url }) => {
      const cursor = Number(new URL(url).searchParams.get('cursor'));
      const next_cursor = cursor < 2 ? String(cursor + 1) : null;
      return { status: 200, body: { items: [aCamera(cursor)], next_cursor, total: 3 } };
    });
    const result = await client.cameras('crime_prevention');
    expect(result.kind === 'ok' && result.value.map(({ number }) => number)).toEqual([0, 1, 2]);
    expect(server.last.url).toContain('purpose=crime_prevention');
    expect(server.last.url).toContain('limit=200');
  });

  it('gives no half list when a page fails', async () => {
    server.on('GET', '/api/cameras', aProblem(403, 'CHOOSE_ROLE'));
    expect(await client.cameras(null)).toMatchObject({ kind: 'denied' });
    expect(server.last.url).not.toContain('purpose');
  });
});

describe('addresses', () => {
  it('escapes what goes into a path', async () => {
    server.on('DELETE', '/api/views/a%2Fb', { status: 204 });
    expect(await client.closeView('a/b')).toEqual({ kind: 'ok', value: undefined });
    expect(server.last.keepalive).toBe(true);
  });

  it.each([
    [true, '/api/accounts/kim/disable'],
    [false, '/api/accounts/kim/enable'],
  ])('disabled %s goes to %s', async (disabled, path) => {
    server.on('POST', path, { status: 204 });
    expect(await client.disableAccount('kim', disabled)).toMatchObject({ kind: 'ok' });
  });
});
