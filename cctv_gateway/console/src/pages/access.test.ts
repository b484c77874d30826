import { describe, expect, it } from 'vitest';

import type { RoleItem } from '../api/types';
import { activeRole, pagesOf } from './access';

function aRole(kind: RoleItem['kind'], purposes: RoleItem['purposes'] = []): RoleItem {
  const names = { name: '', name_en: '', agency_name: '', agency_name_en: '' };
  return { role: `our-${kind}`, kind, agency: 'buk', purposes, ...names };
}

describe('pagesOf', () => {
  it.each([
    ['control_operator', ['crime_prevention'], ['wall', 'audit']],
    ['parking_officer', ['parking_enforcement'], ['wall', 'audit']],
    ['camera_registrar', ['maintenance'], ['registrar', 'wall', 'audit']],
    ['privacy_officer', ['audit'], ['audit', 'config']],
    ['auditor', [], ['audit', 'config']],
    ['system_admin', [], ['config', 'audit']],
    ['dsr_handler', [], ['audit']],
  ] as const)('%s', (kind, purposes, pages) => {
    expect(pagesOf(aRole(kind, [...purposes]))).toEqual(pages);
  });
});

describe('activeRole', () => {
  it('is null until one of the roles is chosen', () => {
    const role = aRole('auditor');
    const me = {
      account: '',
      name: '',
      name_en: '',
      roles: [role],
      active: null,
      csrf: '',
      now: '',
    };
    expect(activeRole(me)).toBeNull();
    expect(activeRole({ ...me, active: { role: role.role, agency: 'buk' } })).toBe(role);
    expect(activeRole({ ...me, active: { role: role.role, agency: 'seo' } })).toBeNull();
  });
});
