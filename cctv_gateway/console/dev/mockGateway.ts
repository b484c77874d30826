/**
 * A gateway made of answers, for `npm run dev` without a server. Any password opens an account.
 * Development only; the real rules are the gateway's, and nothing here is a model of them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';

import type { Me, Purpose } from '../src/api/types';
import {
  ACCOUNTS,
  at,
  cameraById,
  camerasFor,
  CONFIG,
  FINDINGS,
  now,
  personOf,
  RECORDS,
  verdictOf,
} from './city.ts';

type Body = Record<string, string>;
type Handler = (body: Body, query: URLSearchParams) => [status: number, answer?: unknown];

const SENTENCES: Record<string, [string, string]> = {
  NO_AGREEMENT: [
    'No sharing agreement is in force. Ask the privacy officer to check the agreement.',
    '유효한 공동활용 협약이 없습니다. 개인정보 보호책임자에게 협약을 확인해 주세요.',
  ],
  OUT_OF_WINDOW: [
    'This purpose does not apply at this hour. Please come back in its time window.',
    '지금은 해당 목적의 운영 시간이 아닙니다. 운영 시간에 다시 시도해 주세요.',
  ],
  NO_INCIDENT: [
    'Link an open incident first; this view is for incidents only.',
    '진행 중인 상황을 먼저 연결해 주세요. 상황 발생 시에만 볼 수 있습니다.',
  ],
  LOGIN_FAILED: [
    'Account or password is wrong. Please check both and try again.',
    '계정 또는 비밀번호가 올바르지 않습니다. 확인한 뒤 다시 시도해 주세요.',
  ],
};

function problem(status: number, code: string, retry_at: string | null = null): [number, unknown] {
  const [detail, detail_ko] = SENTENCES[code] ?? [code, code];
  const type = `/problems/${code}`;
  return [
    status,
    { type, title: code, status, code, detail, detail_ko, request_id: '0', retry_at },
  ];
}

class MockGateway {
  #me: Me | null = null;
  #listeners = new Set<ServerResponse>();
  #views = 0;

  readonly routes: Record<string, Handler> = {
    'POST /api/login': ({ account }) => {
      this.#me = personOf(account ?? '');
      return this.#me === null ? problem(401, 'LOGIN_FAILED') : [200, this.#me];
    },
    'POST /api/logout': () => {
      this.#me = null;
      return [204];
    },
    'GET /api/me': () =>
      this.#me === null ? problem(401, 'LOGIN_REQUIRED') : [200, { ...this.#me, now: now() }],
    'POST /api/me/role': ({ role = '', agency = '' }) => {
      if (this.#me !== null) this.#me = { ...this.#me, active: { role, agency } };
      return [200, this.#me];
    },
    'GET /api/cameras': (_, query) => this.#cameras(query),
    'POST /api/views': (body) => this.#open(body),
    'GET /api/views': () => [200, { items: [] }],
    'GET /api/discovery': () => {
      const scan = { id: 's-1', state: 'running', started_at: at(9), progress: 0.62 };
      return [200, { scan, findings: FINDINGS }];
    },
    'POST /api/discovery/scans': () => [202, {}],
    'GET /api/config': () => [200, CONFIG],
    'GET /api/accounts': () => [200, { items: ACCOUNTS }],
    'GET /api/audit': (_, query) => {
      const from = Number(query.get('cursor') ?? 0);
      const next = from + 100 < RECORDS.length ? String(from + 100) : null;
      return [200, { items: RECORDS.slice(from, from + 100), next_cursor: next }];
    },
    'GET /api/audit/verify': () => {
      const checked_at = now().toISOString();
      return [200, { ok: true, records: 18240, first_broken_seq: null, checked_at }];
    },
  };

  listen(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(`event: ping\ndata: {"now":"${now().toISOString()}","dropped":0}\n\n`);
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }

  #cameras(query: URLSearchParams): [number, unknown] {
    const purpose = query.get('purpose') as Purpose | null;
    const all = camerasFor(this.#me?.active?.role ?? '', purpose);
    const from = Number(query.get('cursor') ?? 0);
    const next = from + 200 < all.length ? String(from + 200) : null;
    return [200, { items: all.slice(from, from + 200), next_cursor: next, total: all.length }];
  }

  #open({ camera = '', purpose = '', incident }: Body): [number, unknown] {
    const item = cameraById(camera);
    if (item === undefined || this.#me === null) return problem(404, 'NOT_FOUND');
    const verdict = verdictOf(item, purpose as Purpose);
    const helped = verdict.code === 'NO_INCIDENT' && typeof incident === 'string';
    if (!verdict.allowed && !helped) return problem(403, verdict.code ?? 'ROLE', verdict.retry_at);
    this.#views += 1;
    const view_id = `v-${this.#views}`;
    // One camera in eleven is cut after a while, so that the sentence can be seen.
    if (item.number % 11 === 0)
      setTimeout(() => {
        this.#cut(view_id, camera);
      }, 4000);
    const watermark = `${this.#me.name} (${this.#me.account}) · 방범 · ${now().toISOString().slice(0, 16)}`;
    return [
      201,
      {
        view_id,
        whep_url: `/whep/${item.number}`,
        valid_until: verdict.valid_until,
        obligations: ['au', 'wm'],
        variant: verdict.variant ?? 'raw',
        camera: { id: item.id, number: item.number, name: item.name, name_en: item.name_en },
        watermark,
      },
    ];
  }

  #cut(view_id: string, camera: string): void {
    const code = 'OUT_OF_WINDOW';
    const [message, message_ko] = SENTENCES[code] ?? ['', ''];
    const data = JSON.stringify({ view_id, camera, code, message, message_ko, at: now() });
    for (const listener of this.#listeners) listener.write(`event: view.cut\ndata: ${data}\n\n`);
  }
}

async function answer(
  gateway: MockGateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://mock');
  if (pathname === '/api/events') {
    gateway.listen(response);
    return;
  }
  if (pathname.startsWith('/whep/')) {
    response.writeHead(request.method === 'POST' ? 201 : 200, { Location: '/whep/r/1' });
    response.end('v=0');
    return;
  }
  const handler = gateway.routes[`${request.method ?? ''} ${pathname}`];
  const [status, body] = handler?.(await bodyOf(request), searchParams) ?? [204];
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'Content-Type': type });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Body);
}

export function mockGateway(): Plugin {
  return {
    name: 'mock-gateway',
    apply: 'serve',
    configureServer(server) {
      const gateway = new MockGateway();
      server.middlewares.use((request, response, next) => {
        if (!/^\/(api|whep)\//.test(request.url ?? '')) {
          next();
          return;
        }
        answer(gateway, request, response).catch(next);
      });
    },
    // The pictures come from a canvas, in place of a peer connection.
    transformIndexHtml: () => [
      {
        tag: 'script',
        attrs: { type: 'module', src: '/dev/canvasPeer.ts' },
        injectTo: 'head-prepend',
      },
    ],
  };
}
