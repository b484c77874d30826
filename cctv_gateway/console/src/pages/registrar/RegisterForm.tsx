/**
 * Id, number, name and site of a found camera; the gateway writes it into the configuration file.
 * What counts as complete is decided in `registration.ts`.
 */
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode, type SubmitEvent } from 'react';

import type { Finding } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { useGateway } from '../../session/Gateway';
import { keys } from '../../session/queryKeys';
import { Outcome, sentenceOf } from '../FailureNote';
import styles from '../Page.module.css';
import { checkDraft, requestOf, type Draft, type DraftErrors } from './registration';

const FIELDS: (keyof Draft)[] = ['id', 'number', 'name', 'site'];

export function RegisterForm({ finding }: { finding: Finding }): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const [draft, setDraft] = useState<Draft>({
    id: '',
    number: '',
    name: finding.scopes_name,
    site: '',
  });
  const [errors, setErrors] = useState<DraftErrors>({});
  const register = useRegister(finding.id);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const found = checkDraft(draft);
    setErrors(found);
    if (Object.keys(found).length === 0) register.mutate(draft);
  };
  const { data } = register;
  const words =
    data === undefined
      ? null
      : data.kind === 'ok'
        ? t('registrar.form.done', { camera: data.value.camera })
        : sentenceOf(data, i18n);
  return (
    <form className={styles.form} onSubmit={submit} noValidate data-testid="register-form">
      <h2>{t('registrar.form')}</h2>
      {FIELDS.map((field) => (
        <TextInput
          key={field}
          size="xs"
          label={t(`registrar.form.${field}`)}
          placeholder={field === 'site' ? t('registrar.form.site.hint') : ''}
          data-testid={`register-${field}`}
          inputMode={field === 'number' ? 'numeric' : 'text'}
          value={draft[field]}
          error={errors[field] === undefined ? null : t(errors[field])}
          onChange={(event) => {
            setDraft({ ...draft, [field]: event.currentTarget.value });
          }}
        />
      ))}
      <p className={styles.hint}>{t('registrar.form.purposes')}</p>
      <Outcome good={data?.kind === 'ok'} words={words} />
      <Button type="submit" loading={register.isPending} data-testid="register-submit">
        {t('registrar.form.submit')}
      </Button>
    </form>
  );
}

function useRegister(finding: string) {
  const { client } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft) => client.register(finding, requestOf(draft)),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.discovery }),
  });
}
