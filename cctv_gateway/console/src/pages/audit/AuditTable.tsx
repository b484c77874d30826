/**
 * The records as rows: when, what, who, which camera, for what, with what outcome.
 * The hash is shortened for the eye; the full one is in its title.
 */
import type { ReactNode } from 'react';

import type { AuditRecord } from '../../api/types';
import { Mark, type MarkName } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { fullTime } from '../../i18n/time';
import styles from '../Page.module.css';
import { detailWords } from './details';

export function AuditTable({
  items,
  loading,
}: {
  items: AuditRecord[];
  loading: boolean;
}): ReactNode {
  const { t } = useI18n();
  if (items.length === 0) {
    return <p className={styles.empty}>{t(loading ? 'app.loading' : 'audit.empty')}</p>;
  }
  return (
    <table className={styles.table} data-testid="audit">
      <thead>
        <tr>
          <th className={styles.right}>{t('audit.seq')}</th>
          <th>{t('audit.time')}</th>
          <th>{t('audit.event')}</th>
          <th>{t('audit.who')}</th>
          <th>{t('audit.camera')}</th>
          <th>{t('audit.purpose')}</th>
          <th>{t('audit.code')}</th>
          <th>{t('audit.details')}</th>
          <th>{t('audit.hash')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((record) => (
          <Row key={record.seq} record={record} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ record }: { record: AuditRecord }): ReactNode {
  const i18n = useI18n();
  const { word } = i18n;
  const { seq, at, event, account, role, agency, camera, purpose, code, hash } = record;
  const mono = `mono ${styles.nowrap ?? ''}`;
  return (
    <tr data-testid="audit-record" data-seq={seq} data-event={event} data-code={code ?? ''}>
      <td className={`tabular ${styles.right ?? ''} ${styles.faint ?? ''} ${styles.nowrap ?? ''}`}>
        {seq}
      </td>
      <td className={`tabular ${styles.nowrap ?? ''}`}>{fullTime(new Date(at))}</td>
      <td className={styles.nowrap}>
        <span className={styles.marked}>
          <Mark name={markOf(event)} size={11} />
          {word('event', event)}
        </span>
      </td>
      <td className={styles.nowrap}>
        {account ?? '–'}
        {role !== null && <span className={styles.under}>{`${role}@${agency ?? '–'}`}</span>}
      </td>
      <td className={mono}>{camera ?? '–'}</td>
      <td className={styles.nowrap}>{purpose === null ? '–' : word('purpose', purpose)}</td>
      <td className={styles.nowrap} title={code ?? ''}>
        {code === null ? '–' : word('code', code)}
      </td>
      <td className={styles.faint}>{detailWords(record, i18n)}</td>
      <td className={`${mono} ${styles.faint ?? ''}`} title={hash}>
        {hash.slice(0, 10)}
      </td>
    </tr>
  );
}

function markOf(event: string): MarkName {
  if (event.endsWith('.denied') || event.endsWith('.failed') || event.endsWith('.refused')) {
    return 'refused';
  }
  if (event === 'view.opened' || event === 'poster.shown') return 'live';
  return event === 'view.closed' ? 'ended' : 'idle';
}
