/**
 * The operator's main screen: cameras on the left, the wall on the right, both led by keyboard too.
 * What is where is decided in `wall/wall.ts`; each tile looks after its own view.
 */
import { useEffect, useMemo, useReducer, useRef, type Dispatch, type ReactNode } from 'react';

import type { CameraItem } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { useCameras } from '../../session/queries';
import { useWork } from '../../session/Work';
import { meaningOf } from '../../wall/keyboard';
import { loadWall, saveWall, wallKey } from '../../wall/layoutStore';
import {
  EMPTY_WALL,
  stepWall,
  type TileContent,
  type Wall,
  type WallAction,
} from '../../wall/wall';
import { CameraList } from './CameraList';
import { PurposeGate } from './PurposeGate';
import { WallGrid } from './WallGrid';
import { WallToolbar } from './WallToolbar';
import styles from './Wall.module.css';

export function WallPage({ onViews }: { onViews: (views: number) => void }): ReactNode {
  const { purpose, ground } = useWork();
  const cameras = useCameras(purpose);
  const [wall, dispatch] = useRememberedWall();
  const search = useRef<HTMLInputElement>(null);
  useWallKeys(wall, dispatch, search);
  const byId = useMemo(
    () => new Map(cameras.data?.map((camera) => [camera.id, camera])),
    [cameras.data],
  );
  if (purpose === null) return <PurposeGate />;
  const contentOf = (camera: string): TileContent => ({ camera, purpose, ...ground });
  return (
    <div className={styles.page}>
      <CameraList
        cameras={cameras.data ?? []}
        loading={cameras.isPending}
        purpose={purpose}
        onWall={onWallIds(wall)}
        searchRef={search}
        onPick={(camera: CameraItem) => {
          dispatch({ kind: 'placeSelected', content: contentOf(camera.id) });
        }}
      />
      <section className={styles.wall} aria-labelledby="wall-title">
        <WallToolbar wall={wall} dispatch={dispatch} />
        <WallGrid
          wall={wall}
          dispatch={dispatch}
          cameras={byId}
          contentOf={contentOf}
          onViews={onViews}
        />
      </section>
      <WallTitle />
    </div>
  );
}

function WallTitle(): ReactNode {
  const { t } = useI18n();
  return (
    <h1 id="wall-title" className={styles.hidden}>
      {t('wall.title')}
    </h1>
  );
}

function onWallIds(wall: Wall): ReadonlySet<string> {
  const shown = wall.tiles.slice(0, wall.layout);
  return new Set(shown.flatMap((tile) => (tile === null ? [] : [tile.camera])));
}

function useRememberedWall(): [Wall, Dispatch<WallAction>] {
  const { me, role } = useWork();
  const key = wallKey(me.account, role.role, role.agency);
  const [wall, dispatch] = useReducer(stepWall, EMPTY_WALL, () =>
    loadWall(localStorage, key, role.purposes),
  );
  useEffect(() => {
    saveWall(localStorage, key, wall);
  }, [key, wall]);
  return [wall, dispatch];
}

function useWallKeys(
  wall: Wall,
  dispatch: Dispatch<WallAction>,
  search: React.RefObject<HTMLInputElement | null>,
): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || ownsKeys(event)) return;
      const meaning = meaningOf(event.key, wall);
      if (meaning === null) return;
      event.preventDefault();
      if (meaning.kind === 'search') search.current?.focus();
      else dispatch(meaning);
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [wall, dispatch, search]);
}

/** Fields keep all their keys; buttons keep Enter; the camera list has arrows of its own. */
function ownsKeys(event: KeyboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target === null) return false;
  if (target.closest('input, select, textarea, [role="listbox"], [role="dialog"]') !== null)
    return true;
  return event.key === 'Enter' && target.closest('button, a') !== null;
}
