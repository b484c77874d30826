/**
 * Views, refusals, cuts and a player for tests of a tile.
 * Never part of the built console.
 */
import type { Result } from '../api/result';
import type { OpenedView, Problem } from '../api/types';
import type { CutEvent } from '../events/events';
import type { PlayerLike } from '../wall/TileSession';
import type { PlayerState } from '../whep/WhepPlayer';
import { aProblem } from './fetchFake';

export class FakePlayer implements PlayerLike {
  attached = true;
  closed: boolean | null = null;

  constructor(
    readonly url: string,
    readonly tell: (state: PlayerState) => void,
  ) {}

  start = (): Promise<void> => Promise.resolve();

  close = (gone = false): void => {
    this.closed = gone;
  };
}

export function aView(id: string): OpenedView {
  return {
    view_id: id,
    whep_url: `/whep/${id}`,
    valid_until: null,
    obligations: [],
    variant: 'raw',
    camera: { id: 'cam', number: 17, name: '북구청 앞', name_en: '' },
    watermark: '김단속 · 방범',
  };
}

export function denial(code: string, retry_at: string | null = null): Result<OpenedView> {
  return { kind: 'denied', problem: aProblem(403, code, { retry_at }).body as Problem };
}

export function cut(view_id: string, code: CutEvent['code']): CutEvent {
  const at = '2026-11-23T03:00:05Z';
  return { view_id, camera: 'cam', code, message: 'why', message_ko: '이유', at };
}
