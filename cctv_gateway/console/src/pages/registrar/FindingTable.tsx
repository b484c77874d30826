/**
 * All devices that answered, with what matters for choosing one.
 * Details and registering belong in `FindingPanel.tsx`.
 */
import type { ReactNode } from 'react';

import type { Finding } from '../../api/types';
import { Mark, type MarkName } from '../../design/Mark';
import { useI18n, type I18n } from '../../i18n/i18n';
import styles from '../Page.module.css';

export const FINDING_MARK: Record<Finding['state'], MarkName> = {
  new: 'fresh',
  registered: 'allowed',
  failed: 'warning',
};

type Props = {
  findings: readonly Finding[];
  chosen: string | null;
  onChoose: (id: string) => void;
};

export function FindingTable({ findings, chosen, onChoose }: Props): ReactNode {
  const { t } = useI18n();
  if (findings.length === 0) return <p className={styles.empty}>{t('registrar.empty')}</p>;
  return (
    <table className={styles.table} data-testid="findings">
      <thead>
        <tr>
          <th>{t('registrar.result')}</th>
          <th>{t('registrar.vendor')}</th>
          <th>{t('registrar.model')}</th>
          <th>{t('registrar.serial')}</th>
          <th>{t('registrar.profiles')}</th>
          <th className={styles.right}>{t('registrar.clock')}</th>
          <th>{t('registrar.auth')}</th>
          <th>{t('registrar.ptz')}</th>
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <Row
            key={finding.id}
            finding={finding}
            chosen={finding.id === chosen}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = { finding: Finding; chosen: boolean; onChoose: (id: string) => void };

function Row({ finding, chosen, onChoose }: RowProps): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const choose = () => {
    onChoose(finding.id);
  };
  return (
    <tr
      data-clickable
      aria-selected={chosen}
      tabIndex={0}
      data-testid="finding"
      data-finding={finding.id}
      data-state={finding.state}
      className={finding.state === 'registered' ? styles.settled : undefined}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === 'Enter') choose();
      }}
    >
      <td>
        <span className={styles.marked}>
          <Mark name={FINDING_MARK[finding.state]} />
          {finding.reason_code === null
            ? t(`registrar.state.${finding.state}`)
            : reasonWords(finding.reason_code, i18n)}
        </span>
      </td>
      <td className={styles.nowrap}>{finding.vendor || '–'}</td>
      <td className={styles.nowrap}>{finding.model || '–'}</td>
      <td className={`mono ${styles.nowrap ?? ''}`}>{finding.serial || '–'}</td>
      <td className={styles.nowrap}>{profileWords(finding)}</td>
      <td className={`tabular ${styles.right ?? ''} ${styles.nowrap ?? ''}`}>
        {offsetWords(finding.clock_offset_s)}
      </td>
      <td className={styles.nowrap}>{finding.auth || '–'}</td>
      <td>{t(finding.ptz ? 'registrar.yes' : 'registrar.no')}</td>
    </tr>
  );
}

export function reasonWords(code: string, { word, t }: I18n): string {
  const known = word('reason', code);
  return known === code ? t('reason.OTHER', { code }) : known;
}

function profileWords({ profiles }: Finding): string {
  if (profiles.length === 0) return '–';
  return profiles.map(({ encoding, width, height }) => `${encoding} ${width}×${height}`).join(', ');
}

export function offsetWords(seconds: number | null): string {
  if (seconds === null) return '–';
  const sign = seconds > 0 ? '+' : seconds < 0 ? '−' : '±';
  return `${sign}${Math.abs(seconds).toFixed(1)} s`;
}
