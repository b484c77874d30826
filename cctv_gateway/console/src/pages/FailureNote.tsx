/**
 * Says in words why an answer is missing and offers to ask again.
 * Views have their own words, in `wall/TileOverlay.tsx`.
 */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';

import { problemOf, ResultError, type Result } from '../api/result';
import { Mark } from '../design/Mark';
import { useI18n, type I18n } from '../i18n/i18n';
import styles from './Page.module.css';

/** The gateway's sentence, or ours when it could not be reached. */
export function sentenceOf(result: Result<unknown>, { t, sentence }: I18n): string {
  const problem = problemOf(result);
  return problem === null ? t('app.unreachable') : sentence(problem.detail, problem.detail_ko);
}

export function FailureNote({ error, onRetry }: { error: Error; onRetry: () => void }): ReactNode {
  const i18n = useI18n();
  const words =
    error instanceof ResultError ? sentenceOf(error.result, i18n) : i18n.t('app.unreachable');
  return (
    <div className={styles.empty} role="alert" data-testid="failure">
      <p className={styles.marked}>
        <Mark name="warning" />
        {words}
      </p>
      <p>
        <Button size="compact-sm" variant="default" onClick={onRetry}>
          {i18n.t('app.retry')}
        </Button>
      </p>
    </div>
  );
}

/** One line for the outcome of a button; its room is kept while there is nothing to say. */
export function Outcome({ good, words }: { good: boolean; words: string | null }): ReactNode {
  return (
    <div className={styles.message} role="status" data-testid="outcome">
      {words !== null && (
        <>
          <Mark name={good ? 'allowed' : 'warning'} />
          {words}
        </>
      )}
    </div>
  );
}
