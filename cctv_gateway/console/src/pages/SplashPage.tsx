/**
 * What is shown until the gateway has answered for the first time.
 * Losing the gateway later is told by the status bar, not here.
 */
import type { ReactNode } from 'react';

import { useI18n } from '../i18n/i18n';
import styles from './Front.module.css';

export function SplashPage({ unreachable }: { unreachable: boolean }): ReactNode {
  const { t } = useI18n();
  return (
    <main className={styles.page} aria-busy={!unreachable}>
      {unreachable ? (
        <div role="alert" className={styles.quiet}>
          <p>{t('app.unreachable')}</p>
          <p className={styles.faint}>{t('app.unreachable.hint')}</p>
        </div>
      ) : (
        <p className={styles.faint}>{t('app.loading')}</p>
      )}
    </main>
  );
}
