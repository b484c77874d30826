/**
 * Which of the account's roles this login works under; a single role is taken by itself.
 * The purpose is chosen later, in the workspace.
 */
import { Button } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';

import type { Me, RoleItem } from '../api/types';
import { useI18n } from '../i18n/i18n';
import { useChooseRole, useLogout } from '../session/login';
import styles from './Front.module.css';
import { LanguageSwitch } from './LanguageSwitch';

export function RolePage({ me }: { me: Me }): ReactNode {
  const { t, nameOf } = useI18n();
  const choose = useChooseRole();
  const logout = useLogout();
  const { mutate, isIdle } = choose;
  const only = me.roles.length === 1 ? me.roles[0] : undefined;
  useEffect(() => {
    if (only !== undefined && isIdle) mutate(only);
  }, [only, isIdle, mutate]);
  if (only !== undefined && !choose.refused) return <main className={styles.page} aria-busy />;
  return (
    <main className={styles.page}>
      <div className={styles.corner}>
        <LanguageSwitch />
      </div>
      <section className={`${styles.card ?? ''} ${styles.wide ?? ''}`} aria-labelledby="role-title">
        <h1 className={styles.brand} id="role-title">
          {t('role.title')}
        </h1>
        <p className={styles.faint}>{t(me.roles.length === 0 ? 'role.none' : 'role.hint')}</p>
        <ul className={styles.roles} data-testid="role-list">
          {me.roles.map((role) => (
            <RoleRow key={`${role.role}@${role.agency}`} role={role} onChoose={mutate} />
          ))}
        </ul>
        <div className={styles.footer}>
          <span>{nameOf(me)}</span>
          <Button
            variant="subtle"
            data-testid="logout"
            onClick={() => {
              logout.mutate();
            }}
          >
            {t('login.logout')}
          </Button>
        </div>
      </section>
    </main>
  );
}

type RowProps = { role: RoleItem; onChoose: (role: RoleItem) => void };

function RoleRow({ role, onChoose }: RowProps): ReactNode {
  const { t, language, word } = useI18n();
  const purposes = role.purposes.map((purpose) => word('purpose', purpose)).join(' · ');
  const english = language === 'en';
  return (
    <li>
      <button
        type="button"
        className={styles.role}
        data-testid={`role-option-${role.role}@${role.agency}`}
        onClick={() => {
          onChoose(role);
        }}
      >
        <strong>{english ? role.name_en : role.name}</strong>
        <span>{english ? role.agency_name_en : role.agency_name}</span>
        <small>{purposes === '' ? t('purpose.none') : purposes}</small>
      </button>
    </li>
  );
}
