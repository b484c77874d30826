/**
 * The records of who watched what and why, and the check that nobody has changed them.
 * Everybody reads at least their own; which records come is the gateway's decision.
 */
import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { unwrap } from '../../api/result';
import { Icon } from '../../design/Icon';
import { useI18n } from '../../i18n/i18n';
import { useGateway } from '../../session/Gateway';
import { keys } from '../../session/queryKeys';
import { useWork } from '../../session/Work';
import { isReviewer } from '../access';
import { FailureNote } from '../FailureNote';
import styles from '../Page.module.css';
import { AuditTable } from './AuditTable';
import { OpenViews } from './OpenViews';
import { VerifyButton } from './VerifyButton';

type Filter = { account: string; camera: string };

export default function AuditPage(): ReactNode {
  const { t } = useI18n();
  const { role } = useWork();
  const [filter, setFilter] = useState<Filter>({ account: '', camera: '' });
  const records = useRecords(filter);
  const reviewer = isReviewer(role);
  const items = records.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('audit.title')}</h1>
        <p className={`${styles.hint ?? ''} ${styles.nowrap ?? ''}`}>
          {t(reviewer ? 'audit.all' : 'audit.own')}
        </p>
        {reviewer ? <VerifyButton /> : <span className={styles.spacer} />}
        {reviewer && <FilterField field="account" filter={filter} onChange={setFilter} />}
        <FilterField field="camera" filter={filter} onChange={setFilter} />
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="refresh" size={14} />}
          loading={records.isRefetching}
          data-testid="audit-refresh"
          onClick={() => void records.refetch()}
        >
          {t('audit.refresh')}
        </Button>
      </header>
      <div className={styles.scroll}>
        {reviewer && <OpenViews />}
        {records.isError ? (
          <FailureNote error={records.error} onRetry={() => void records.refetch()} />
        ) : (
          <AuditTable items={items} loading={records.isPending} />
        )}
        {items.length > 0 && (
          <More
            more={records.hasNextPage}
            loading={records.isFetchingNextPage}
            onMore={() => void records.fetchNextPage()}
          />
        )}
      </div>
    </div>
  );
}

function useRecords(filter: Filter) {
  const { client } = useGateway();
  return useInfiniteQuery({
    queryKey: [...keys.audit, filter],
    queryFn: async ({ pageParam }) => unwrap(await client.audit({ ...filter, cursor: pageParam })),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next_cursor }) => (next_cursor === null ? undefined : Number(next_cursor)),
    staleTime: 0,
  });
}

type FieldProps = { field: keyof Filter; filter: Filter; onChange: (filter: Filter) => void };

/** Asks when the field is left or Enter is pressed, not with every letter. */
function FilterField({ field, filter, onChange }: FieldProps): ReactNode {
  const { t } = useI18n();
  const apply = (text: string) => {
    if (text.trim() !== filter[field]) onChange({ ...filter, [field]: text.trim() });
  };
  return (
    <TextInput
      size="xs"
      w={150}
      aria-label={t(`audit.${field}`)}
      placeholder={t(`audit.filter.${field}`)}
      data-testid={`audit-filter-${field}`}
      onBlur={(event) => {
        apply(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') apply(event.currentTarget.value);
      }}
    />
  );
}

type MoreProps = { more: boolean; loading: boolean; onMore: () => void };

function More({ more, loading, onMore }: MoreProps): ReactNode {
  const { t } = useI18n();
  return (
    <div className={styles.empty}>
      {more ? (
        <Button variant="default" loading={loading} onClick={onMore} data-testid="audit-more">
          {t('audit.more')}
        </Button>
      ) : (
        t('audit.end')
      )}
    </div>
  );
}
