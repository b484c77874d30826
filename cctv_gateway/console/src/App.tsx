/**
 * The console from the outside in: look, language, gateway, and which page the login allows.
 * The pages themselves are in `pages/`.
 */
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import { theme } from './design/theme';
import { LanguageProvider } from './i18n/i18n';
import { activeRole } from './pages/access';
import { LoginPage } from './pages/LoginPage';
import { RolePage } from './pages/RolePage';
import { SplashPage } from './pages/SplashPage';
import { Workspace } from './pages/Workspace';
import { GatewayProvider, useGateway } from './session/Gateway';
import { useMe } from './session/queries';
import { useIsLeaving } from './session/login';
import { keys } from './session/queryKeys';

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 30_000, retry: 1, refetchOnWindowFocus: false } },
  });
}

export function App(): ReactNode {
  const [queries] = useState(newQueryClient);
  return (
    <MantineProvider theme={theme} forceColorScheme="dark">
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <GatewayProvider>
            <Doors />
          </GatewayProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Doors(): ReactNode {
  const me = useMe();
  const expired = useLoginLoss();
  const leaving = useIsLeaving();
  if (me.data === undefined) return <SplashPage unreachable={me.failureCount > 0} />;
  if (me.data === null) return <LoginPage expired={expired} />;
  const role = activeRole(me.data);
  if (role === null) return <RolePage me={me.data} />;
  if (leaving) return <SplashPage unreachable={false} />;
  return (
    <Workspace key={`${me.data.account}/${role.role}@${role.agency}`} me={me.data} role={role} />
  );
}

/** Back to the login page when the gateway no longer knows us; tells whether that happened. */
function useLoginLoss(): boolean {
  const { client } = useGateway();
  const queries = useQueryClient();
  const [lost, setLost] = useState(false);
  useEffect(() => {
    client.whenLoginLost(() => {
      setLost(true);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
      queries.setQueryData(keys.me, null);
    });
  }, [client, queries]);
  return lost;
}
