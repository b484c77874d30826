/**
 * Whether cameras.yaml is in force as it stands, and if not, where it is wrong and how to fix it.
 * The file is edited elsewhere; this page only tells.
 */
import type { ReactNode } from 'react';

import type { ConfigStatus } from '../../api/types';
import { Mark } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { fullTime } from '../../i18n/time';
import { useConfigStatus } from '../../session/queries';
import { useWork } from '../../session/Work';
import { FailureNote } from '../FailureNote';
import styles from '../Page.module.css';
import { AccountsPanel } from './AccountsPanel';
import { ProblemTable } from './ProblemTable';

export default function ConfigPage(): ReactNode {
  const { t } = useI18n();
  const { role } = useWork();
  const status = useConfigStatus(true);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('config.title')}</h1>
      </header>
      <div className={styles.body}>
        {status.isError && (
          <FailureNote error={status.error} onRetry={() => void status.refetch()} />
        )}
        {status.data !== undefined && <Facts status={status.data} />}
        {/* Side by side: new problems never push the accounts away under somebody's hand. */}
        <div className={role.kind === 'system_admin' ? styles.columns : undefined}>
          {status.data !== undefined && <Problems problems={status.data.problems} />}
          {role.kind === 'system_admin' && <AccountsPanel />}
        </div>
      </div>
    </div>
  );
}

function Facts({ status }: { status: ConfigStatus }): ReactNode {
  const { t } = useI18n();
  const { state, revision, loaded_at, cameras } = status;
  return (
    <div className={styles.tiles}>
      <div className={styles.tile} role="status" data-testid="config-state" data-state={state}>
        <span>cameras.yaml</span>
        <strong className={`${styles.big ?? ''} ${styles.marked ?? ''}`}>
          <Mark name={state === 'running' ? 'allowed' : 'warning'} size={17} />
          {t(`config.state.${state}`)}
        </strong>
        <p className={styles.hint}>{t(`config.${state}.hint`)}</p>
      </div>
      <div className={styles.tile}>
        <span>{t('config.revision')}</span>
        <strong className="mono" data-testid="config-revision">
          {revision}
        </strong>
        <p className={styles.hint}>
          {t('config.loaded')} {fullTime(new Date(loaded_at))}
        </p>
      </div>
      <div className={styles.tile}>
        <span>{t('config.cameras')}</span>
        <strong className={`${styles.big ?? ''} tabular`} data-testid="config-cameras">
          {t('config.cameras.n', { n: cameras.toLocaleString('en-US') })}
        </strong>
      </div>
    </div>
  );
}

function Problems({ problems }: Pick<ConfigStatus, 'problems'>): ReactNode {
  const { t } = useI18n();
  return (
    <section className={styles.panel} aria-labelledby="problems-title">
      <h2 id="problems-title">
        {t('config.problems')} {problems.length > 0 && `(${problems.length})`}
      </h2>
      <ProblemTable problems={problems} />
    </section>
  );
}
