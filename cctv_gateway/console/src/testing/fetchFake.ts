/**
 * A server for tests at the level of `fetch`: answers what was prepared, fails on anything else.
 * Never part of the built console.
 */
type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
type Handler = Answer | ((request: Request) => Answer | Promise<Answer>);

export class FetchFake {
  #handlers = new Map<string, Handler>();
  readonly requests: Request[] = [];
  readonly unhandled: string[] = [];

  /** `on('POST', '/api/login', { status: 200, body })`; the query is not part of the path. */
  on(method: string, path: string, handler: Handler): this {
    this.#handlers.set(`${method} ${path}`, handler);
    return this;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const request = new Request(new URL(address, 'https://gateway.test'), init);
    this.requests.push(request);
    const key = `${request.method} ${new URL(request.url).pathname}`;
    const handler = this.#handlers.get(key);
    if (handler === undefined) {
      this.unhandled.push(key);
      throw new Error(`no answer is prepared for ${key}`);
    }
    const { status, body, headers } =
      typeof handler === 'function' ? await handler(request) : handler;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Response(body === undefined ? null : text, { status, headers: headers ?? {} });
  };

  get last(): Request {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }
}

export function aProblem(status: number, code: string, more: object = {}): Answer {
  const body = {
    type: `/problems/${code}`,
    title: code,
    status,
    code,
    detail: `${code} in English`,
    detail_ko: `${code} 한국어`,
    request_id: 'r1',
    ...more,
  };
  return { status, body, headers: { 'Content-Type': 'application/problem+json' } };
}
