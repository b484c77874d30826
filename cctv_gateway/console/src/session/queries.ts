/**
 * The cached questions to the gateway: how they are asked and how long an answer stays fresh.
 * Events keep them current (`EventRouter.ts`); nothing here polls, except a running scan.
 */
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';

import { unwrap } from '../api/result';
import type { CameraItem, ConfigStatus, Discovery, Me, Purpose, ViewList } from '../api/types';
import { LONGEST_TIMER_MS } from '../base/time';
import { nextEdge } from './cameraCache';
import { useGateway } from './Gateway';
import { keys } from './queryKeys';

const SCAN_LOOK_MS = 1500;

export function useMe(): UseQueryResult<Me | null> {
  const { client, clock } = useGateway();
  return useQuery({
    queryKey: keys.me,
    queryFn: async () => {
      const me = unwrap(await client.me());
      if (me !== null) clock.set(me.now);
      return me;
    },
    staleTime: Infinity,
    retry: true,
    retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 10_000),
  });
}

/** All cameras of the role, fetched again whenever a verdict may change by time. */
export function useCameras(purpose: Purpose | null): UseQueryResult<CameraItem[]> {
  const { client, clock } = useGateway();
  const queries = useQueryClient();
  const result = useQuery({
    queryKey: keys.cameras(purpose),
    queryFn: async ({ signal }) => unwrap(await client.cameras(purpose, signal)),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const { data } = result;
  useEffect(() => {
    const edge = data === undefined ? null : nextEdge(data, clock.now());
    if (edge === null) return undefined;
    const waitMs = Math.min(edge.getTime() - clock.now().getTime() + 500, LONGEST_TIMER_MS);
    const timer = setTimeout(() => {
      void queries.invalidateQueries({ queryKey: keys.allCameras });
    }, waitMs);
    return () => {
      clearTimeout(timer);
    };
  }, [data, clock, queries]);
  return result;
}

export function useViews(enabled: boolean): UseQueryResult<ViewList> {
  const { client } = useGateway();
  return useQuery({
    queryKey: keys.views,
    queryFn: async () => unwrap(await client.views()),
    enabled,
    refetchInterval: 15_000,
  });
}

export function useDiscovery(): UseQueryResult<Discovery> {
  const { client } = useGateway();
  return useQuery({
    queryKey: keys.discovery,
    queryFn: async () => unwrap(await client.discovery()),
    refetchInterval: (query) =>
      query.state.data?.scan?.state === 'running' ? SCAN_LOOK_MS : false,
  });
}

export function useConfigStatus(enabled: boolean): UseQueryResult<ConfigStatus> {
  const { client } = useGateway();
  return useQuery({
    queryKey: keys.config,
    queryFn: async () => unwrap(await client.configStatus()),
    enabled,
  });
}
