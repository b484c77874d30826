/**
 * Where am I, as whom, and for which purpose: pages, role, purpose, language, logout.
 * What a choice changes is kept in `session/`.
 */
import { ActionIcon, NativeSelect, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

import { Icon } from '../design/Icon';
import { Mark } from '../design/Mark';
import { useI18n } from '../i18n/i18n';
import { useChooseRole, useLogout } from '../session/login';
import { useConfigStatus } from '../session/queries';
import { useWork } from '../session/Work';
import type { PageId } from './access';
import { watches } from './access';
import { GroundButton } from './GroundButton';
import { LanguageSwitch } from './LanguageSwitch';
import styles from './Workspace.module.css';

type Props = { pages: PageId[]; page: PageId; onPage: (page: PageId) => void };

export function TopBar({ pages, page, onPage }: Props): ReactNode {
  const { t, nameOf } = useI18n();
  const { me, role } = useWork();
  return (
    <header className={styles.top}>
      <div className={styles.brand}>
        <img src="/favicon.svg" alt="" />
        {t('app.short')}
      </div>
      <nav className={styles.tabs} aria-label={t('nav.pages')}>
        {pages.map((known) => (
          <button
            key={known}
            type="button"
            className={styles.tab}
            aria-current={known === page ? 'page' : undefined}
            data-testid={`nav-${known}`}
            onClick={() => {
              onPage(known);
            }}
          >
            {t(`nav.${known}`)}
            {known === 'config' && <ProblemCount />}
          </button>
        ))}
      </nav>
      <div className={styles.spacer} />
      <RolePicker />
      {watches(role) && <PurposePicker />}
      <LanguageSwitch />
      <div className={styles.person} data-testid="account-name">
        {nameOf(me)}
        <small>{me.account}</small>
      </div>
      <LogoutButton />
    </header>
  );
}

/** A refused file is seen from every page of those who look after it. */
function ProblemCount(): ReactNode {
  const { t } = useI18n();
  const { data } = useConfigStatus(true);
  if (data?.state !== 'refused') return null;
  return (
    <span className={styles.problems} data-testid="nav-problems">
      <Mark name="warning" size={10} />
      {t('status.problems', { n: data.problems.length })}
    </span>
  );
}

function RolePicker(): ReactNode {
  const { t, language } = useI18n();
  const { me, role } = useWork();
  const choose = useChooseRole();
  const english = language === 'en';
  const options = me.roles.map((one) => ({
    value: `${one.role}@${one.agency}`,
    label: english ? `${one.name_en} · ${one.agency_name_en}` : `${one.name} · ${one.agency_name}`,
  }));
  return (
    <label className={styles.picker} title={t('role.change.hint')}>
      {t('role.label')}
      <NativeSelect
        size="xs"
        data={options}
        data-testid="role-picker"
        value={`${role.role}@${role.agency}`}
        disabled={options.length < 2 || choose.isPending}
        onChange={(event) => {
          const next = me.roles.find((one) => `${one.role}@${one.agency}` === event.target.value);
          if (next !== undefined) choose.mutate(next);
        }}
      />
    </label>
  );
}

function PurposePicker(): ReactNode {
  const { t, word } = useI18n();
  const { role, purpose, setPurpose } = useWork();
  const options = role.purposes.map((value) => ({ value, label: word('purpose', value) }));
  const placeholder = purpose === null ? [{ value: '', label: t('purpose.choose.short') }] : [];
  return (
    <div className={styles.picker}>
      <label className={styles.picker}>
        {t('purpose.label')}
        <NativeSelect
          size="xs"
          data={[...placeholder, ...options]}
          data-testid="purpose-picker"
          value={purpose ?? ''}
          disabled={options.length < 2}
          onChange={(event) => {
            const next = role.purposes.find((known) => known === event.target.value);
            if (next !== undefined) setPurpose(next);
          }}
        />
      </label>
      <GroundButton />
    </div>
  );
}

function LogoutButton(): ReactNode {
  const { t } = useI18n();
  const logout = useLogout();
  return (
    <Tooltip label={t('login.logout')}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('login.logout')}
        data-testid="logout"
        loading={logout.isPending}
        onClick={() => {
          logout.mutate();
        }}
      >
        <Icon name="logout" />
      </ActionIcon>
    </Tooltip>
  );
}
