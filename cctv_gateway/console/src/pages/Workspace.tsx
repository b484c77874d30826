/**
 * The frame of the daily work: top bar, the page that the role has chosen, status bar.
 * What a page shows is its own business.
 */
import { useHash } from '@mantine/hooks';
import { lazy, Suspense, useState, type ReactNode } from 'react';

import type { Me, RoleItem } from '../api/types';
import { EventsProvider } from '../session/Gateway';
import { WorkProvider } from '../session/Work';
import { pagesOf, type PageId } from './access';
import { StatusBar } from './StatusBar';
import { TopBar } from './TopBar';
import { WallPage } from './wall/WallPage';
import styles from './Workspace.module.css';

const RegistrarPage = lazy(() => import('./registrar/RegistrarPage'));
const ConfigPage = lazy(() => import('./config/ConfigPage'));
const AuditPage = lazy(() => import('./audit/AuditPage'));

export function Workspace({ me, role }: { me: Me; role: RoleItem }): ReactNode {
  const [hash, setHash] = useHash({ getInitialValueInEffect: false });
  const [views, setViews] = useState(0);
  const pages = pagesOf(role);
  const page = pages.find((known) => `#${known}` === hash) ?? pages[0] ?? 'audit';
  return (
    <EventsProvider me={me}>
      <WorkProvider me={me} role={role}>
        <div className={styles.frame}>
          <TopBar pages={pages} page={page} onPage={setHash} />
          <main className={styles.page} id="content">
            <Suspense fallback={null}>
              <Page page={page} onViews={setViews} />
            </Suspense>
          </main>
          <StatusBar views={page === 'wall' ? views : 0} />
        </div>
      </WorkProvider>
    </EventsProvider>
  );
}

type PageProps = { page: PageId; onViews: (views: number) => void };

function Page({ page, onViews }: PageProps): ReactNode {
  switch (page) {
    case 'wall':
      return <WallPage onViews={onViews} />;
    case 'registrar':
      return <RegistrarPage />;
    case 'config':
      return <ConfigPage />;
    case 'audit':
      return <AuditPage />;
  }
}
