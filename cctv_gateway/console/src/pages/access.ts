/**
 * Which pages a role works with; the gateway refuses the rest whatever is shown here.
 * Pure rules on the role's kind; its id is the deployer's choice.
 */
import type { Me, RoleItem } from '../api/types';

export type PageId = 'wall' | 'registrar' | 'config' | 'audit';

const REVIEWERS = new Set<RoleItem['kind']>(['privacy_officer', 'auditor']);
const READS_CONFIG = new Set<RoleItem['kind']>(['system_admin', 'privacy_officer', 'auditor']);

export function activeRole(me: Me): RoleItem | null {
  const { active } = me;
  if (active === null) return null;
  const found = me.roles.find(
    ({ role, agency }) => role === active.role && agency === active.agency,
  );
  return found ?? null;
}

export function isReviewer(role: RoleItem): boolean {
  return REVIEWERS.has(role.kind);
}

export function watches(role: RoleItem): boolean {
  return role.purposes.length > 0 && !READS_CONFIG.has(role.kind);
}

/** The first is where the role begins. */
export function pagesOf(role: RoleItem): PageId[] {
  const pages: PageId[] = [];
  if (role.kind === 'camera_registrar') pages.push('registrar');
  if (watches(role)) pages.push('wall');
  if (role.kind === 'system_admin') pages.push('config', 'audit');
  else pages.push('audit');
  if (isReviewer(role)) pages.push('config');
  return pages;
}
