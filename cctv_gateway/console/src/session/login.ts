/**
 * Choosing a role and logging out: what they change in the cached answers.
 * The first login itself is in `pages/LoginPage.tsx`.
 */
import { useIsMutating, useMutation, useQueryClient } from '@tanstack/react-query';

import type { RoleItem } from '../api/types';
import { useGateway } from './Gateway';
import { keys } from './queryKeys';

const LEAVING = ['leaving'];

/** True while a logout or a change of role runs; the workspace is taken down meanwhile. */
export function useIsLeaving(): boolean {
  return useIsMutating({ mutationKey: LEAVING }) > 0;
}

export function useChooseRole() {
  const { client } = useGateway();
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationKey: LEAVING,
    mutationFn: ({ role, agency }: Pick<RoleItem, 'role' | 'agency'>) =>
      client.chooseRole({ role, agency }),
    onSuccess: (result) => {
      if (result.kind !== 'ok') return;
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
      queries.setQueryData(keys.me, result.value);
    },
  });
  const refused = mutation.data !== undefined && mutation.data.kind !== 'ok';
  return { ...mutation, refused };
}

export function useLogout() {
  const { client } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationKey: LEAVING,
    mutationFn: () => client.logout(),
    onSuccess: () => {
      sessionStorage.clear();
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
      queries.setQueryData(keys.me, null);
    },
  });
}
