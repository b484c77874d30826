/**
 * Account and password; the sentence of a refusal comes from the gateway.
 * Choosing a role afterwards belongs in `RolePage.tsx`.
 */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type SubmitEvent, type ReactNode } from 'react';

import { problemOf } from '../api/result';
import { Mark } from '../design/Mark';
import { useI18n } from '../i18n/i18n';
import { useGateway } from '../session/Gateway';
import { keys } from '../session/queryKeys';
import styles from './Front.module.css';
import { LanguageSwitch } from './LanguageSwitch';

/** Why the person is back here; null for a first visit and after a logout. */
export type LoginLoss = 'expired' | 'disabled';

type Props = { loss: LoginLoss | null; onLogin: () => void };

export function LoginPage({ loss, onLogin }: Props): ReactNode {
  const { t } = useI18n();
  return (
    <main className={styles.page}>
      <div className={styles.corner}>
        <LanguageSwitch />
      </div>
      <section className={styles.card} aria-labelledby="login-title">
        <h1 className={styles.brand} id="login-title">
          <img src="/favicon.svg" alt="" />
          {t('app.title')}
        </h1>
        <LoginForm loss={loss} onLogin={onLogin} />
        <p className={styles.notice}>{t('login.notice')}</p>
      </section>
    </main>
  );
}

function LoginForm({ loss, onLogin }: Props): ReactNode {
  const { t } = useI18n();
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const login = useLogin(onLogin, () => field.current?.focus());
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    login.mutate({ account: account.trim(), password });
    setPassword('');
  };
  const refusal = login.message ?? (loss !== null && login.isIdle ? t(`login.${loss}`) : null);
  return (
    <form className={styles.fields} onSubmit={submit} data-testid="login-form">
      <TextInput
        label={t('login.account')}
        data-testid="login-account"
        name="account"
        autoComplete="username"
        autoFocus
        required
        withAsterisk={false}
        value={account}
        onChange={(event) => {
          setAccount(event.currentTarget.value);
        }}
      />
      <PasswordInput
        ref={field}
        label={t('login.password')}
        data-testid="login-password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
        }}
      />
      <div className={styles.message} role="alert" data-testid="login-message">
        {refusal !== null && (
          <>
            <Mark name="warning" />
            {refusal}
          </>
        )}
      </div>
      <Button type="submit" fullWidth loading={login.isPending} data-testid="login-submit">
        {t('login.submit')}
      </Button>
    </form>
  );
}

function useLogin(onLogin: () => void, onRefused: () => void) {
  const { t, sentence } = useI18n();
  const { client, clock } = useGateway();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: (body: { account: string; password: string }) => client.login(body),
    onSuccess: (result) => {
      if (result.kind !== 'ok') {
        onRefused();
        return;
      }
      onLogin();
      clock.set(result.value.now);
      queries.setQueryData(keys.me, result.value);
    },
  });
  const { data } = mutation;
  const problem = data === undefined ? null : problemOf(data);
  const failed = data !== undefined && data.kind !== 'ok';
  const words =
    problem === null ? t('app.unreachable') : sentence(problem.detail, problem.detail_ko);
  return { ...mutation, message: failed ? words : null };
}
