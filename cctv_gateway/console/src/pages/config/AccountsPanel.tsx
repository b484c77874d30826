/**
 * Who may log in, and the switch that takes a login away at once.
 * The gateway writes the change into the configuration file and cuts the account's views.
 */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { unwrap } from '../../api/result';
import type { AccountItem } from '../../api/types';
import { Mark } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { useGateway } from '../../session/Gateway';
import { keys } from '../../session/queryKeys';
import { useWork } from '../../session/Work';
import { FailureNote, Outcome, sentenceOf } from '../FailureNote';
import styles from '../Page.module.css';

export function AccountsPanel(): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const { client } = useGateway();
  const queries = useQueryClient();
  const accounts = useQuery({
    queryKey: keys.accounts,
    queryFn: async () => unwrap(await client.accounts()),
  });
  const change = useMutation({
    mutationFn: ({ id, disabled }: AccountItem) => client.disableAccount(id, !disabled),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.accounts }),
  });
  const refused = change.data !== undefined && change.data.kind !== 'ok' ? change.data : null;
  return (
    <section className={styles.panel} aria-labelledby="accounts-title">
      <h2 id="accounts-title">{t('accounts.title')}</h2>
      {accounts.isError && (
        <FailureNote error={accounts.error} onRetry={() => void accounts.refetch()} />
      )}
      <table className={styles.table} data-testid="accounts">
        <thead>
          <tr>
            <th>{t('accounts.state')}</th>
            <th>{t('audit.account')}</th>
            <th>{t('accounts.roles')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {accounts.data?.items.map((account) => (
            <Row
              key={account.id}
              account={account}
              busy={change.isPending}
              onChange={change.mutate}
            />
          ))}
        </tbody>
      </table>
      <div className={styles.inner}>
        {refused === null ? (
          <p className={styles.hint}>{t('accounts.disable.hint')}</p>
        ) : (
          <Outcome good={false} words={sentenceOf(refused, i18n)} />
        )}
      </div>
    </section>
  );
}

type RowProps = {
  account: AccountItem;
  busy: boolean;
  onChange: (account: AccountItem) => void;
};

function Row({ account, busy, onChange }: RowProps): ReactNode {
  const { t, nameOf } = useI18n();
  const { me } = useWork();
  const { id, disabled, roles } = account;
  const [asked, setAsked] = useState(false);
  return (
    <tr data-testid="account" data-account={id} data-disabled={disabled}>
      <td className={styles.nowrap}>
        <span className={styles.marked}>
          <Mark name={disabled ? 'refused' : 'allowed'} />
          {t(disabled ? 'accounts.disabled' : 'accounts.enabled')}
        </span>
      </td>
      <td className={styles.nowrap}>
        {nameOf(account)}
        <div className={`mono ${styles.faint ?? ''}`}>{id}</div>
      </td>
      <td className={styles.faint}>{roles.join(' ')}</td>
      <td className={styles.right}>
        <Button
          size="compact-xs"
          className={styles.switch}
          variant={asked ? 'filled' : 'default'}
          disabled={busy || id === me.account}
          data-testid="account-switch"
          data-asked={asked}
          onBlur={() => {
            setAsked(false);
          }}
          onClick={() => {
            // Taking a login away closes somebody's screens: the second click means it.
            setAsked(!disabled && !asked);
            if (disabled || asked) onChange(account);
          }}
        >
          {t(disabled ? 'accounts.enable' : asked ? 'accounts.disable.sure' : 'accounts.disable')}
        </Button>
      </td>
    </tr>
  );
}
