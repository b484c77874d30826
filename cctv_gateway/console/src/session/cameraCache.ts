/**
 * Pure steps on the cached camera list: new link states, and when its verdicts may change by time.
 * Fetching belongs in `queries.ts`.
 */
import type { CameraItem, CameraState } from '../api/types';

export type StateChange = { state: CameraState; since: string };

/** The list with new states; untouched rows stay identical so that nothing draws them again. */
export function withStates(
  cameras: readonly CameraItem[],
  changes: ReadonlyMap<string, StateChange>,
): CameraItem[] {
  return cameras.map((camera) => {
    const change = changes.get(camera.id);
    return change === undefined
      ? camera
      : { ...camera, state: change.state, state_since: change.since };
  });
}

/** The next instant at which some verdict may differ, or null. */
export function nextEdge(cameras: readonly CameraItem[], now: Date): Date | null {
  let next = Infinity;
  for (const camera of cameras) {
    for (const verdict of Object.values(camera.verdicts)) {
      for (const text of [verdict.valid_until, verdict.retry_at]) {
        const at = text === null ? NaN : Date.parse(text);
        if (at > now.getTime() && at < next) next = at;
      }
    }
  }
  return next === Infinity ? null : new Date(next);
}
