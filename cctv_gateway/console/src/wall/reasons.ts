/**
 * What a code that ended or refused a view means for the console: law, or a technical mishap.
 * The sentences for people come from the gateway; their short titles from the dictionaries.
 */

/** A new view may be asked for without a person: nothing about the right to look has changed. */
const TECHNICAL = new Set([
  'CONNECTION_LOST',
  'NEVER_STARTED',
  'RELAY_FAILED',
  'SHUTDOWN',
  'CRASHED',
  'NETWORK',
  'TIMEOUT',
]);

/** Asking again with the same account, role and camera cannot help. */
const FINAL = new Set([
  'ROLE',
  'NOT_OWNER',
  'CONTRACTOR',
  'AUDIO',
  'ACCOUNT_DISABLED',
  'PURPOSE_NOT_REGISTERED',
  'CAMERA_REMOVED',
]);

/** What the person can add so that asking again makes sense. */
export type MissingGround = 'incident' | 'reason';

export function isTechnical(code: string): boolean {
  return TECHNICAL.has(code);
}

export function mayTryAgain(code: string): boolean {
  return !FINAL.has(code);
}

/** What can follow a refusal: the clock, a change of the rules, a missing ground, or a person. */
export type NextStep = 'at' | 'wait' | 'ground' | 'ask' | 'nothing';

export type Refused = { code: string; retryAt: Date | null; allowed: boolean | null };

/** A button is offered only where pressing it may help. */
export function nextStep({ code, retryAt, allowed }: Refused, now: Date): NextStep {
  if (missingGround(code) !== null) return 'ground';
  if (!mayTryAgain(code)) return 'nothing';
  if (retryAt !== null && retryAt > now) return 'at';
  return allowed === false ? 'wait' : 'ask';
}

export function missingGround(code: string): MissingGround | null {
  if (code === 'NO_INCIDENT') return 'incident';
  if (code === 'NO_REASON') return 'reason';
  return null;
}
