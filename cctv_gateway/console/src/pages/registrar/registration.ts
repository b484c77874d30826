/**
 * Checks what was typed before a registration is sent; the gateway checks again.
 * Pure.
 */
import type { Finding, Problem, RegisterRequest } from '../../api/types';
import type { Key } from '../../i18n/ko';

export type Draft = { id: string; number: string; name: string; site: string };
export const FIELDS: readonly (keyof Draft)[] = ['id', 'number', 'name', 'site'];
export type DraftErrors = Partial<Record<keyof Draft, Key>>;

export const LAST_NUMBER = 4095;

export function checkDraft(draft: Draft): DraftErrors {
  const errors: DraftErrors = {};
  for (const field of ['id', 'name', 'site'] as const) {
    if (draft[field].trim() === '') errors[field] = 'registrar.form.required';
  }
  for (const field of ['id', 'site'] as const) {
    if (/[\s/\\]/.test(draft[field].trim())) errors[field] = 'registrar.form.id.bad';
  }
  const number = Number(draft.number);
  const usable = Number.isInteger(number) && number >= 1 && number <= LAST_NUMBER;
  if (!usable) errors.number = 'registrar.form.number.bad';
  return errors;
}

const FIRST: Finding['state'][] = ['new', 'failed', 'registered'];

/** What is left to do stands first; within that the order holds while a scan adds more. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const key = ({ serial, id }: Finding) => serial || id;
  return findings.toSorted(
    (a, b) => FIRST.indexOf(a.state) - FIRST.indexOf(b.state) || (key(a) < key(b) ? -1 : 1),
  );
}

/** The fields that the gateway could not use, as errors of the form; empty when it named none. */
export function fieldErrors({ fields }: Problem): DraftErrors {
  const errors: DraftErrors = {};
  for (const { pointer } of fields ?? []) {
    const field = FIELDS.find((known) => pointer.endsWith(`/${known}`));
    if (field !== undefined) errors[field] = 'registrar.form.unusable';
  }
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
