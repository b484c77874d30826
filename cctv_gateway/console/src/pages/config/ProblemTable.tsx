/**
 * Every problem of the file: the place, the sentence, the fix.
 * Finding them is the gateway's work.
 */
import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import type { ReactNode } from 'react';

import type { ConfigStatus } from '../../api/types';
import { Icon } from '../../design/Icon';
import { Mark } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import styles from '../Page.module.css';

type Problem = ConfigStatus['problems'][number];

export function ProblemTable({ problems }: { problems: readonly Problem[] }): ReactNode {
  const { t } = useI18n();
  if (problems.length === 0) return <p className={styles.empty}>{t('config.problems.none')}</p>;
  return (
    <table className={styles.table} data-testid="problems">
      <thead>
        <tr>
          <th>{t('config.where')}</th>
          <th>{t('config.what')}</th>
          <th>{t('config.fix')}</th>
        </tr>
      </thead>
      <tbody>
        {problems.map((problem) => (
          <Row key={`${placeOf(problem)} ${problem.code}`} problem={problem} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ problem }: { problem: Problem }): ReactNode {
  const { t, sentence } = useI18n();
  return (
    <tr data-testid="problem" data-line={problem.line} data-column={problem.column}>
      <td className={styles.nowrap}>
        <Place place={placeOf(problem)} />
      </td>
      <td>
        <span className={styles.marked}>
          <Mark name={problem.severity === 'error' ? 'broken' : 'warning'} />
          <span className={styles.severity}>{t(`config.severity.${problem.severity}`)}</span>
          {sentence(problem.message, problem.message_ko)}
        </span>
        <div className={`mono ${styles.hint ?? ''}`}>{problem.code}</div>
      </td>
      <td>{sentence(problem.fix, problem.fix_ko)}</td>
    </tr>
  );
}

function Place({ place }: { place: string }): ReactNode {
  const { t } = useI18n();
  const clipboard = useClipboard({ timeout: 1500 });
  const label = t(clipboard.copied ? 'config.copied' : 'config.copy');
  return (
    <span className={`mono ${styles.where ?? ''}`}>
      {place}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="xs"
        aria-label={label}
        title={label}
        onClick={() => {
          clipboard.copy(place);
        }}
      >
        <Icon name="copy" size={12} />
      </ActionIcon>
    </span>
  );
}

/** As editors and terminals take it: `cameras.yaml:12:5`. */
function placeOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}
