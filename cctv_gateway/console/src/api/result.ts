/**
 * What can come of asking the gateway: an answer, a refusal in words, or a failure worth retrying.
 * How the asking is done belongs in `client.ts`.
 */
import type { Problem } from './types';

export type Failure = {
  /** `NETWORK`, `TIMEOUT`, `BAD_ANSWER`, or the gateway's own code. */
  code: string;
  problem: Problem | null;
};

export type Result<T> =
  | { kind: 'ok'; value: T }
  /** The gateway understood and refused; asking again without a change is pointless. */
  | { kind: 'denied'; problem: Problem }
  /** The gateway was out of reach, overloaded or broken; asking again later may help. */
  | { kind: 'failed'; failure: Failure };

export function ok<T>(value: T): Result<T> {
  return { kind: 'ok', value };
}

export function failed<T>(code: string, problem: Problem | null = null): Result<T> {
  return { kind: 'failed', failure: { code, problem } };
}

/** The problem that explains a result, if the gateway sent one. */
export function problemOf(result: Result<unknown>): Problem | null {
  switch (result.kind) {
    case 'ok':
      return null;
    case 'denied':
      return result.problem;
    case 'failed':
      return result.failure.problem;
  }
}

/** An answer that TanStack Query may keep, or an error that it may show. */
export class ResultError extends Error {
  constructor(readonly result: Exclude<Result<unknown>, { kind: 'ok' }>) {
    super(result.kind === 'denied' ? result.problem.code : result.failure.code);
    this.name = 'ResultError';
  }
}

export function unwrap<T>(result: Result<T>): T {
  if (result.kind === 'ok') return result.value;
  throw new ResultError(result);
}
