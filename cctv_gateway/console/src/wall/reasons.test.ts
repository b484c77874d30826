import { describe, expect, it } from 'vitest';

import { nextStep } from './reasons';

const NOW = new Date('2026-11-23T03:00:00Z');
const LATER = new Date('2026-11-23T11:00:00Z');

describe('nextStep', () => {
  it.each([
    ['the clock ends the refusal', 'OUT_OF_WINDOW', LATER, false, 'at'],
    ['the hour has passed', 'OUT_OF_WINDOW', NOW, true, 'ask'],
    ['the owner has paused the camera', 'PAUSED', null, false, 'wait'],
    ['the pause is over', 'PAUSED', null, true, 'ask'],
    ['nothing is known of the camera', 'PAUSED', null, null, 'ask'],
    ['a ground is missing', 'NO_INCIDENT', null, false, 'ground'],
    ['the role never may', 'ROLE', null, false, 'nothing'],
    ['the time of a test view is over', 'TIME_LIMIT', null, true, 'ask'],
  ] as const)('when %s', (_, code, retryAt, allowed, expected) => {
    expect(nextStep({ code, retryAt, allowed }, NOW)).toBe(expected);
  });
});
