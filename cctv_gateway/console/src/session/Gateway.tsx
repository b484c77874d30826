/**
 * The console's one connection to the gateway: client, clock, events, and who is logged in.
 * What a page does with them belongs to the page.
 */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';

import { GatewayClient } from '../api/client';
import type { Me } from '../api/types';
import { browserTimers } from '../base/time';
import type { CutEvent } from '../events/events';
import { EventStream, type StreamState } from '../events/EventStream';
import { EventRouter } from './EventRouter';
import { ServerClock } from './serverClock';

export type Gateway = {
  client: GatewayClient;
  clock: ServerClock;
  onCut: (listener: (event: CutEvent) => void) => () => void;
};

const GatewayContext = createContext<Gateway | null>(null);
const StreamContext = createContext<StreamState>('connecting');

export function useGateway(): Gateway {
  const gateway = use(GatewayContext);
  if (gateway === null) throw new Error('useGateway needs a GatewayProvider above it');
  return gateway;
}

export function useStreamState(): StreamState {
  return use(StreamContext);
}

export function GatewayProvider({ children }: { children: ReactNode }): ReactNode {
  const [gateway] = useState(() => {
    const cuts = new Set<(event: CutEvent) => void>();
    const onCut = (listener: (event: CutEvent) => void) => {
      cuts.add(listener);
      return () => cuts.delete(listener);
    };
    return { client: new GatewayClient(), clock: new ServerClock(), onCut, cuts };
  });
  return <GatewayContext value={gateway}>{children}</GatewayContext>;
}

/** Keeps the event stream open while somebody is logged in under a role. */
export function EventsProvider({ me, children }: { me: Me; children: ReactNode }): ReactNode {
  const queries = useQueryClient();
  const gateway = useGateway() as Gateway & { cuts: Set<(event: CutEvent) => void> };
  const [state, setState] = useState<StreamState>('connecting');
  const login = useMemo(
    () => `${me.account}/${me.active?.role ?? ''}@${me.active?.agency ?? ''}`,
    [me],
  );
  useEffect(() => {
    const router = new EventRouter(queries, gateway.clock, browserTimers, (event) => {
      for (const listener of gateway.cuts) listener(event);
    });
    const stream = new EventStream({
      open: () => new EventSource('/api/events'),
      timers: browserTimers,
      random: Math.random,
      onEvent: (event) => {
        router.take(event);
      },
      onState: (next) => {
        setState(next);
        router.connection(next);
      },
    });
    stream.start();
    return () => {
      stream.close();
      router.close();
    };
  }, [queries, gateway, login]);
  return <StreamContext value={state}>{children}</StreamContext>;
}
