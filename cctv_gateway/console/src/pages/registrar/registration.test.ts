import { describe, expect, it } from 'vitest';

import type { Finding, Problem } from '../../api/types';
import { checkDraft, fieldErrors, inOrder, requestOf } from './registration';

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

it('refuses ids that the gateway could not use', () => {
  expect(checkDraft({ ...GOOD, id: 'gj buk', site: 'buk/1' })).toEqual({
    id: 'registrar.form.id.bad',
    site: 'registrar.form.id.bad',
  });
});

it('marks the fields that the gateway names', () => {
  const fields = [
    { pointer: '/body/number', code: 'greater_than', message: '' },
    { pointer: '/body/purposes/0', code: 'enum', message: '' },
  ];
  const problem = { fields } as unknown as Problem;
  expect(fieldErrors(problem)).toEqual({ number: 'registrar.form.unusable' });
});

it('puts what is left to do first and keeps the order within', () => {
  const finding = (id: string, state: Finding['state']) => ({ id, serial: id, state }) as Finding;
  const found = [finding('3', 'registered'), finding('2', 'new'), finding('4', 'failed')];
  const more = [...found, finding('1', 'new')];
  expect(inOrder(more).map(({ id }) => id)).toEqual(['1', '2', '4', '3']);
});
