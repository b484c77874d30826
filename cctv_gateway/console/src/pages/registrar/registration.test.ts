import { describe, expect, it } from 'vitest';

import { checkDraft, requestOf } from './registration';

const GOOD = { id: ' gj-buk-0123-4 ', number: '1587', name: '북구청 앞 4', site: 'buk-0123' };

describe('checkDraft', () => {
  it.each([
    [{}, []],
    [{ id: '  ' }, ['id']],
    [{ name: '', site: '' }, ['name', 'site']],
    [{ number: '' }, ['number']],
    [{ number: '0' }, ['number']],
    [{ number: '4096' }, ['number']],
    [{ number: '1.5' }, ['number']],
    [{ number: 'x' }, ['number']],
    [{ number: '4095' }, []],
  ])('%j', (change, fields) => {
    expect(Object.keys(checkDraft({ ...GOOD, ...change }))).toEqual(fields);
  });
});

it('sends what was typed without the blanks around it', () => {
  expect(requestOf(GOOD)).toEqual({
    id: 'gj-buk-0123-4',
    number: 1587,
    name: '북구청 앞 4',
    site: 'buk-0123',
    purposes: [],
  });
});
