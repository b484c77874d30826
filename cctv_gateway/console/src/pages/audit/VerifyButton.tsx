/**
 * Asks the gateway to check the chain of records and says in words what came out.
 * The check itself runs on the server.
 */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { AuditVerdict } from '../../api/types';
import { Icon } from '../../design/Icon';
import { useI18n, type I18n } from '../../i18n/i18n';
import { clockTime } from '../../i18n/time';
import { useGateway } from '../../session/Gateway';
import { Outcome, sentenceOf } from '../FailureNote';
import styles from '../Page.module.css';

/** What came out stands at the left, where room is kept for it; the button never moves. */
export function VerifyButton(): ReactNode {
  const i18n = useI18n();
  const { client } = useGateway();
  const verify = useMutation({ mutationFn: () => client.verifyAudit() });
  const { data } = verify;
  const good = data?.kind === 'ok' && data.value.ok;
  const words =
    data === undefined
      ? null
      : data.kind === 'ok'
        ? verdictWords(data.value, i18n)
        : sentenceOf(data, i18n);
  return (
    <>
      <div className={styles.verdict} data-testid="audit-verdict" data-ok={good}>
        <Outcome good={good} words={words} />
      </div>
      <Button
        size="xs"
        leftSection={<Icon name="shield" size={14} />}
        loading={verify.isPending}
        data-testid="audit-verify"
        onClick={() => {
          verify.mutate();
        }}
      >
        {i18n.t('audit.verify')}
      </Button>
    </>
  );
}

function verdictWords(
  { ok, records, first_broken_seq, checked_at }: AuditVerdict,
  i18n: I18n,
): string {
  const time = clockTime(new Date(checked_at));
  if (ok) return i18n.t('audit.verify.ok', { n: records.toLocaleString('en-US'), time });
  return i18n.t('audit.verify.broken', { seq: first_broken_seq ?? '?', time });
}
