/**
 * Sends one request to the gateway and sorts the answer into ok, denied or failed.
 * Which requests exist belongs in `client.ts`.
 */
import { failed, ok, type Result } from './result';
import type { Problem } from './types';

export type Call = {
  method: string;
  /** With its parameters in braces, as the OpenAPI document writes it. */
  template: string;
  path?: Record<string, string> | undefined;
  query?: object | undefined;
  body?: unknown;
  csrf?: string | undefined;
  keepalive?: boolean | undefined;
  signal?: AbortSignal | undefined;
};

const LIMIT_MS = 15_000;
/** Refusals that are about load or time, not about the request itself. */
const WORTH_RETRYING = new Set([408, 425, 429]);

export async function send<T>(fetcher: typeof fetch, call: Call): Promise<Result<T>> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
  let response: Response;
  try {
    response = await fetcher(address(call), { ...options(call), signal });
  } catch {
    return failed(limit.aborted ? 'TIMEOUT' : 'NETWORK');
  }
  return response.ok ? readValue<T>(response) : readProblem<T>(response);
}

function address({ template, path = {}, query = {} }: Call): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(path[name] ?? ''),
  );
  const given = Object.entries(query as Record<string, unknown>)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => [name, String(value)]);
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given).toString()}`;
}

function options({ method, body, csrf, keepalive = false }: Call): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (csrf !== undefined && method !== 'GET') headers['X-CSRF-Token'] = csrf;
  return {
    method,
    headers,
    keepalive,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

async function readValue<T>(response: Response): Promise<Result<T>> {
  if (response.status === 204) return ok(undefined as T);
  try {
    return ok((await response.json()) as T);
  } catch {
    return failed('BAD_ANSWER');
  }
}

async function readProblem<T>(response: Response): Promise<Result<T>> {
  const problem = toProblem(await response.json().catch(() => null));
  if (problem === null) return failed(`HTTP_${response.status}`);
  if (response.status >= 500 || WORTH_RETRYING.has(response.status)) {
    return failed(problem.code, problem);
  }
  return { kind: 'denied', problem };
}

function toProblem(body: unknown): Problem | null {
  if (typeof body !== 'object' || body === null) return null;
  const { code, detail, detail_ko } = body as Record<string, unknown>;
  const usable = [code, detail, detail_ko].every((field) => typeof field === 'string');
  return usable ? (body as Problem) : null;
}
