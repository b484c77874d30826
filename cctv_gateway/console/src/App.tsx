/**
 * The console from the outside in: look, language, gateway, and which page the login allows.
 * The pages themselves are in `pages/`.
 */
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState, type ReactNode } from 'react';

import { theme } from './design/theme';
import { LanguageProvider } from './i18n/i18n';
import { activeRole } from './pages/access';
import { LoginPage, type LoginLoss } from './pages/LoginPage';
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
  const [loss, forget] = useLoginLoss();
  const leaving = useIsLeaving();
  if (me.data === undefined) return <SplashPage unreachable={me.failureCount > 0} />;
  if (me.data === null) return <LoginPage loss={loss} onLogin={forget} />;
  const role = activeRole(me.data);
  if (role === null) return <RolePage me={me.data} />;
  if (leaving) return <SplashPage unreachable={false} />;
  return (
    <Workspace key={`${me.data.account}/${role.role}@${role.agency}`} me={me.data} role={role} />
  );
}

/** Back to the login page when the gateway no longer knows us; tells why. */
function useLoginLoss(): [LoginLoss | null, () => void] {
  const { client, onCut } = useGateway();
  const queries = useQueryClient();
  const [lost, setLost] = useState<LoginLoss | null>(null);
  useEffect(() => {
    client.whenLoginLost(() => {
      setLost((why) => why ?? 'expired');
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
      queries.setQueryData(keys.me, null);
    });
  }, [client, queries]);
  useEffect(
    () =>
      onCut(({ code }) => {
        if (code === 'ACCOUNT_DISABLED') setLost('disabled');
      }),
    [onCut],
  );
  const forget = useCallback(() => {
    setLost(null);
  }, []);
  return [lost, forget];
}
