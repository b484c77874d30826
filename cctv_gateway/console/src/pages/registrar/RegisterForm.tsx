/**
 * Id, number, name and site of a found camera; the gateway writes it into the configuration file.
 * What counts as complete is decided in `registration.ts`.
 */
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode, type SubmitEvent } from 'react';

import { problemOf } from '../../api/result';
import type { Finding } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { useGateway } from '../../session/Gateway';
import { useCameras } from '../../session/queries';
import { useWork } from '../../session/Work';
import { keys } from '../../session/queryKeys';
import { Outcome, sentenceOf } from '../FailureNote';
import styles from '../Page.module.css';
import {
  checkDraft,
  fieldErrors,
  FIELDS,
  requestOf,
  type Draft,
  type DraftErrors,
} from './registration';

type Props = { finding: Finding; onDone: (camera: string) => void };

export function RegisterForm({ finding, onDone }: Props): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const [draft, setDraft] = useState<Draft>({
    id: '',
    number: '',
    name: finding.scopes_name,
    site: '',
  });
  const [errors, setErrors] = useState<DraftErrors>({});
  const register = useRegister(finding.id, onDone, setErrors);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const found = checkDraft(draft);
    setErrors(found);
    if (Object.keys(found).length === 0) register.mutate(draft);
  };
  const { data } = register;
  const refused = data !== undefined && data.kind !== 'ok' ? data : null;
  const named = Object.keys(errors).length > 0;
  const words = refused === null || named ? null : sentenceOf(refused, i18n);
  return (
    <form className={styles.form} onSubmit={submit} noValidate data-testid="register-form">
      <h2>{t('registrar.form')}</h2>
      {FIELDS.map((field) => (
        <TextInput
          key={field}
          size="xs"
          label={t(`registrar.form.${field}`)}
          placeholder={PLACEHOLDERS[field]}
          list={field === 'site' ? SITES : undefined}
          data-testid={`register-${field}`}
          inputMode={field === 'number' ? 'numeric' : 'text'}
          value={draft[field]}
          error={errors[field] === undefined ? null : t(errors[field])}
          onChange={(event) => {
            setDraft({ ...draft, [field]: event.currentTarget.value });
            setErrors({ ...errors, [field]: undefined });
          }}
        />
      ))}
      <KnownSites />
      <p className={styles.hint}>{t('registrar.form.purposes')}</p>
      <Outcome good={false} words={words} />
      <Button type="submit" loading={register.isPending} data-testid="register-submit">
        {t('registrar.form.submit')}
      </Button>
    </form>
  );
}

const SITES = 'known-sites';
const PLACEHOLDERS: Draft = { id: 'gj-buk-0123-4', number: '1587', name: '', site: 'buk-0123' };

/** The sites of the cameras that the registrar knows already, offered while typing. */
function KnownSites(): ReactNode {
  const { language } = useI18n();
  const { purpose } = useWork();
  const { data } = useCameras(purpose);
  const sites = new Map(data?.map((camera) => [camera.site, camera]));
  return (
    <datalist id={SITES}>
      {[...sites].map(([site, { site_name, site_name_en }]) => (
        <option key={site} value={site}>
          {language === 'en' ? site_name_en : site_name}
        </option>
      ))}
    </datalist>
  );
}

function useRegister(
  finding: string,
  onDone: (camera: string) => void,
  onErrors: (errors: DraftErrors) => void,
) {
  const { client } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft) => client.register(finding, requestOf(draft)),
    onSuccess: (result) => {
      if (result.kind === 'ok') onDone(result.value.camera);
      const problem = problemOf(result);
      if (problem !== null) onErrors(fieldErrors(problem));
      return queries.invalidateQueries({ queryKey: keys.discovery });
    },
  });
}
