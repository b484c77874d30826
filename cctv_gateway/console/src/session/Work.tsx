/**
 * What the person has declared for the next views: the purpose, and an incident or reason with it.
 * The gateway decides what they are worth; the purpose is asked anew after every login.
 */
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';

import type { Me, Purpose, RoleItem } from '../api/types';

export type Ground = { incident?: string; reason?: string };

export type Work = {
  me: Me;
  role: RoleItem;
  purpose: Purpose | null;
  setPurpose: (purpose: Purpose) => void;
  ground: Ground;
  setGround: (ground: Ground) => void;
};

const Context = createContext<Work | null>(null);

export function useWork(): Work {
  const work = use(Context);
  if (work === null) throw new Error('useWork needs a WorkProvider above it');
  return work;
}

type Props = { me: Me; role: RoleItem; children: ReactNode };

export function WorkProvider({ me, role, children }: Props): ReactNode {
  const [purpose, setPurpose] = useDeclaredPurpose(me, role);
  const [ground, setGround] = useState<Ground>({});
  const work = useMemo(
    () => ({ me, role, purpose, setPurpose, ground, setGround }),
    [me, role, purpose, setPurpose, ground],
  );
  return <Context value={work}>{children}</Context>;
}

/** A single purpose is declared by the role itself; a reload of the page keeps the choice. */
function useDeclaredPurpose(me: Me, role: RoleItem): [Purpose | null, (purpose: Purpose) => void] {
  const key = `cctv.purpose.${me.account}.${role.role}@${role.agency}`;
  const [purpose, setState] = useState<Purpose | null>(() => {
    if (role.purposes.length === 1) return role.purposes[0] ?? null;
    const stored = sessionStorage.getItem(key);
    return role.purposes.find((known) => known === stored) ?? null;
  });
  const setPurpose = useCallback(
    (next: Purpose) => {
      setState(next);
      sessionStorage.setItem(key, next);
    },
    [key],
  );
  return [purpose, setPurpose];
}
