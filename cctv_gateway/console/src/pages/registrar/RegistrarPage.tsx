/**
 * The registrar's place: look for cameras, see what was learned, register one into a site.
 * Looking itself happens in the gateway; addresses never come here.
 */
import { Button, Progress } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import type { Discovery, Finding } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { clockTime } from '../../i18n/time';
import { useGateway } from '../../session/Gateway';
import { useDiscovery } from '../../session/queries';
import { keys } from '../../session/queryKeys';
import { FailureNote, sentenceOf } from '../FailureNote';
import styles from '../Page.module.css';
import { FindingPanel } from './FindingPanel';
import { FindingTable } from './FindingTable';
import { inOrder } from './registration';

export default function RegistrarPage(): ReactNode {
  const { t } = useI18n();
  const discovery = useDiscovery();
  const [chosen, setChosen] = useState<string | null>(null);
  const findings = inOrder(discovery.data?.findings ?? []);
  const finding = findings.find(({ id }) => id === chosen) ?? null;
  return (
    <div className={styles.page}>
      <ScanBar scan={discovery.data?.scan ?? null} found={findings} />
      <div className={styles.split}>
        <div className={styles.scroll}>
          {discovery.isError ? (
            <FailureNote error={discovery.error} onRetry={() => void discovery.refetch()} />
          ) : (
            <FindingTable findings={findings} chosen={chosen} onChoose={setChosen} />
          )}
        </div>
        <aside className={styles.side} aria-label={t('registrar.device')}>
          {finding === null ? (
            <p className={styles.empty}>{t('registrar.pick')}</p>
          ) : (
            <FindingPanel key={finding.id} finding={finding} />
          )}
        </aside>
      </div>
    </div>
  );
}

function ScanBar({
  scan,
  found,
}: {
  scan: Discovery['scan'];
  found: readonly Finding[];
}): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const { client } = useGateway();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () => client.startScan(),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.discovery }),
  });
  const running = scan?.state === 'running';
  const refused = start.data !== undefined && start.data.kind !== 'ok' ? start.data : null;
  return (
    <header className={styles.head}>
      <h1>{t('registrar.title')}</h1>
      <Button
        data-testid="scan-start"
        disabled={running}
        loading={start.isPending}
        onClick={() => {
          start.mutate();
        }}
      >
        {t('registrar.scan')}
      </Button>
      <div role="status" data-testid="scan-state" data-state={scan?.state ?? 'never'}>
        <p className={styles.hint}>
          {scan === null
            ? t('registrar.scan.never')
            : `${t(`registrar.scan.${scan.state}`)} · ${t('registrar.found', { n: found.length, fresh: found.filter(({ state }) => state === 'new').length })} · ${t(
                'registrar.scan.started',
                { time: clockTime(new Date(scan.started_at)) },
              )}`}
        </p>
        <Progress
          size={4}
          w={260}
          mt={4}
          value={(scan?.progress ?? 0) * 100}
          color={running ? 'steel.5' : 'dark.4'}
          transitionDuration={0}
          aria-label={t('registrar.scan.running')}
        />
      </div>
      <span className={styles.spacer} />
      <p className={styles.hint} role="alert">
        {refused === null ? t('registrar.scan.hint') : sentenceOf(refused, i18n)}
      </p>
    </header>
  );
}
