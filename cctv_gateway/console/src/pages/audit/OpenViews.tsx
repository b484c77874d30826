/**
 * Which views are open right now, without any picture: for those who review.
 * Closing a view is not their task.
 */
import type { ReactNode } from 'react';

import { useI18n } from '../../i18n/i18n';
import { fullTime } from '../../i18n/time';
import { useViews } from '../../session/queries';
import styles from '../Page.module.css';

export function OpenViews(): ReactNode {
  const { t, word, nameOf } = useI18n();
  const views = useViews(true);
  const items = views.data?.items ?? [];
  return (
    <details className={styles.open} data-testid="open-views">
      <summary>
        {t('audit.open.title')} ({items.length})
      </summary>
      {items.length === 0 ? (
        <p className={styles.hint}>{t('audit.open.none')}</p>
      ) : (
        <ul>
          {items.map((view) => (
            <li key={view.view_id}>
              <strong>{view.account}</strong>
              <span className={styles.faint}>
                {view.role}@{view.agency}
              </span>
              <span>
                {view.camera.number} {nameOf(view.camera)}
              </span>
              <span>{word('purpose', view.purpose)}</span>
              <span className={`tabular ${styles.faint ?? ''}`}>
                {t('cameras.since', { time: fullTime(new Date(view.opened_at)) })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
