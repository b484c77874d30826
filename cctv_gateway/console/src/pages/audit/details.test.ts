import { describe, expect, it } from 'vitest';

import { wordFor, type I18n } from '../../i18n/i18n';
import { detailWords, durationWords } from './details';

const i18n = { word: (prefix: string, code: string) => wordFor('en', prefix, code) } as I18n;

describe('detailWords', () => {
  it('puts the telling facts first and leaves out what the event says already', () => {
    const details = {
      something_new: true,
      action: 'live.view',
      rule: 'r1',
      reason: null,
      case: '112-2026-0077',
      held_ms: 15_559,
    };
    expect(detailWords({ details }, i18n)).toBe(
      'open for 15.6 s · case 112-2026-0077 · rule r1 · something_new true',
    );
  });
});

describe('durationWords', () => {
  it.each([
    [0, '0.0 s'],
    [59_940, '59.9 s'],
    [60_000, '1:00'],
    [245_900, '4:05'],
    [7_420_000, '2:03:40'],
  ])('%i ms', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });
});
