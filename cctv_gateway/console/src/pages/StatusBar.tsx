/**
 * One quiet line: the gateway's time, role and purpose, the event connection, running views.
 * It never grows and never moves.
 */
import type { ReactNode } from 'react';

import { Mark, type MarkName } from '../design/Mark';
import type { StreamState } from '../events/EventStream';
import { useI18n } from '../i18n/i18n';
import { fullTime } from '../i18n/time';
import { useStreamState } from '../session/Gateway';
import { useNow } from '../session/useNow';
import { useWork } from '../session/Work';
import styles from './Workspace.module.css';

const STREAM_MARK: Record<StreamState, MarkName> = {
  connecting: 'busy',
  open: 'live',
  lost: 'warning',
  closed: 'idle',
};

export function StatusBar({ views }: { views: number }): ReactNode {
  const { t, word, language } = useI18n();
  const { role, purpose } = useWork();
  const stream = useStreamState();
  const english = language === 'en';
  return (
    <footer className={styles.status}>
      <Clock />
      <span className={styles.cell} data-testid="status-role">
        {english
          ? `${role.name_en} · ${role.agency_name_en}`
          : `${role.name} · ${role.agency_name}`}
      </span>
      {purpose !== null && (
        <span className={styles.cell} data-testid="status-purpose">
          {t('purpose.label')}: {word('purpose', purpose)}
        </span>
      )}
      <span className={styles.spacer} />
      <span className={styles.cell} data-testid="status-views" data-views={views}>
        {t('status.views', { n: views })}
      </span>
      <span className={styles.cell} role="status" data-testid="status-events" data-state={stream}>
        <Mark name={STREAM_MARK[stream]} size={10} />
        {t(`status.events.${stream}`)}
      </span>
    </footer>
  );
}

function Clock(): ReactNode {
  const { t } = useI18n();
  const now = useNow(1000);
  return (
    <time className={styles.clock} title={t('status.clock')} data-testid="status-clock">
      {fullTime(now)}
    </time>
  );
}
