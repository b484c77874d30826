/**
 * Checks what was typed before a registration is sent; the gateway checks again.
 * Pure.
 */
import type { RegisterRequest } from '../../api/types';
import type { Key } from '../../i18n/ko';

export type Draft = { id: string; number: string; name: string; site: string };
export type DraftErrors = Partial<Record<keyof Draft, Key>>;

export const LAST_NUMBER = 4095;

export function checkDraft(draft: Draft): DraftErrors {
  const errors: DraftErrors = {};
  for (const field of ['id', 'name', 'site'] as const) {
    if (draft[field].trim() === '') errors[field] = 'registrar.form.required';
  }
  const number = Number(draft.number);
  const usable = Number.isInteger(number) && number >= 1 && number <= LAST_NUMBER;
  if (!usable) errors.number = 'registrar.form.number.bad';
  return errors;
}

export function requestOf({ id, number, name, site }: Draft): RegisterRequest {
  return {
    id: id.trim(),
    number: Number(number),
    name: name.trim(),
    site: site.trim(),
    purposes: [],
  };
}
