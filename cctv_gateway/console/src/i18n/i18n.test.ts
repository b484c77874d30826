import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { DICTIONARIES, translate, wordFor } from './i18n';
import { clockTime, countdown, fullTime, nearTime } from './time';

const openapi = JSON.parse(
  readFileSync(new URL('../../openapi.json', import.meta.url), 'utf-8'),
) as { components: { schemas: Record<string, { enum?: string[] }> } };

function enumOf(name: string): string[] {
  return openapi.components.schemas[name]?.enum ?? [];
}

describe('dictionaries', () => {
  const [ko, en] = [DICTIONARIES.ko, DICTIONARIES.en] as Record<string, string>[];

  it('have the same keys', () => {
    expect(Object.keys(en ?? {}).sort()).toEqual(Object.keys(ko ?? {}).sort());
  });

  it('leave no text empty and use the same holes', () => {
    const holes = (text = '') => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, korean] of Object.entries(ko ?? {})) {
      expect(korean.trim(), key).not.toBe('');
      expect(en?.[key]?.trim(), key).not.toBe('');
      expect(holes(en?.[key]), key).toEqual(holes(korean));
    }
  });

  it.each([
    ['code', 'DenyCode'],
    ['code', 'EndReason'],
    ['purpose', 'Purpose'],
    ['state', 'CameraState'],
    ['registrar.scan', 'ScanState'],
    ['registrar.state', 'FindingState'],
  ])('have a %s word for every %s of the gateway', (prefix, name) => {
    const values = enumOf(name);
    expect(values.length).toBeGreaterThan(2);
    const missing = values.filter((value) => wordFor('ko', prefix, value) === value);
    expect(missing).toEqual([]);
  });
});

describe('translate', () => {
  it('fills holes and leaves unknown ones', () => {
    expect(translate('ko', 'cameras.count', { shown: 3, total: 1586 })).toBe('3 / 1586대');
    expect(translate('en', 'cameras.count', { shown: 3 })).toBe('3 of {total}');
  });

  it('shows a code that it does not know', () => {
    expect(wordFor('en', 'code', 'SOMETHING_NEW')).toBe('SOMETHING_NEW');
    expect(wordFor('en', 'code', 'OUT_OF_WINDOW')).toBe('Outside hours');
  });
});

describe('times are Seoul times', () => {
  const now = new Date('2026-11-23T14:30:05Z');

  it.each([
    [clockTime(now), '23:30:05'],
    [fullTime(now), '2026-11-23 23:30:05'],
    [nearTime(new Date('2026-11-23T14:59:00Z'), now), '23:59'],
    [nearTime(new Date('2026-11-23T15:00:00Z'), now), '11-24 00:00'],
    [nearTime(new Date('2026-12-31T15:00:00Z'), now), '2027-01-01'],
    [countdown(new Date('2026-11-23T14:34:14Z'), now), '4:09'],
    [countdown(new Date('2026-11-23T14:30:00Z'), now), '0:00'],
    [countdown(new Date('2026-11-23T14:35:05Z'), now), null],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});
