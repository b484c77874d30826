/**
 * What was learned about one device, and the form that registers it into a site.
 * Purposes are added in the configuration file, with their grounds, not here.
 */
import { useState, type ReactNode } from 'react';

import type { Finding } from '../../api/types';
import { Mark } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { fullTime } from '../../i18n/time';
import { Outcome } from '../FailureNote';
import styles from '../Page.module.css';
import { FINDING_MARK, offsetWords, reasonWords } from './FindingTable';
import { RegisterForm } from './RegisterForm';

export function FindingPanel({ finding }: { finding: Finding }): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const [done, setDone] = useState<string | null>(null);
  const name = finding.scopes_name || finding.model || t('registrar.device');
  return (
    <div className={styles.inner} data-testid="finding-panel">
      <h2>{name}</h2>
      <p className={styles.marked}>
        <Mark name={FINDING_MARK[finding.state]} />
        {finding.reason_code === null
          ? t(`registrar.state.${finding.state}`)
          : reasonWords(finding.reason_code, i18n)}
      </p>
      {done !== null && <Outcome good words={t('registrar.form.done', { camera: done })} />}
      <hr />
      <Facts finding={finding} />
      {finding.state === 'new' && (
        <>
          <hr />
          <RegisterForm finding={finding} onDone={setDone} />
        </>
      )}
    </div>
  );
}

function Facts({ finding }: { finding: Finding }): ReactNode {
  const { t } = useI18n();
  const facts: [string, ReactNode][] = [
    [t('registrar.vendor'), finding.vendor],
    [t('registrar.model'), finding.model],
    [t('registrar.firmware'), finding.firmware],
    [t('registrar.serial'), <span className="mono">{finding.serial}</span>],
    [t('registrar.hardware'), finding.hardware],
    [t('registrar.profiles'), <Profiles key="profiles" profiles={finding.profiles} />],
    [t('registrar.clock'), offsetWords(finding.clock_offset_s)],
    [t('registrar.auth'), finding.auth],
    [t('registrar.ptz'), t(finding.ptz ? 'registrar.yes' : 'registrar.no')],
    [t('registrar.seen'), fullTime(new Date(finding.seen_at))],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <Fact key={name} name={name} value={value === '' ? '–' : value} />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Profiles({ profiles }: Pick<Finding, 'profiles'>): ReactNode {
  if (profiles.length === 0) return '–';
  return profiles.map(({ token, encoding, width, height, fps }) => (
    <div key={token} className="tabular">
      {encoding} {width}×{height} · {fps} fps
    </div>
  ));
}
