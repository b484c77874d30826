/**
 * The rows of the camera list as one listbox: scrolling, arrow keys, dragging.
 * Only the rows that the screen shows exist in the page.
 */
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';

import type { CameraItem, Purpose } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { useNow } from '../../session/useNow';
import { visibleRows } from '../../wall/cameraFilter';
import { CameraRow, ROW_PX } from './CameraRow';
import styles from './CameraList.module.css';

type Props = {
  cameras: readonly CameraItem[];
  loading: boolean;
  purpose: Purpose;
  onWall: ReadonlySet<string>;
  boxRef: Ref<HTMLDivElement>;
  onPick: (camera: CameraItem) => void;
};

export function CameraRows(props: Props): ReactNode {
  const { cameras, loading, purpose, onWall, boxRef, onPick } = props;
  const { t } = useI18n();
  const { ref: sizeRef, height } = useElementSize();
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [activeId, setActiveId] = useState<string | null>(null);
  const now = useNow(30_000);
  const { first, end } = visibleRows(scrollTop, height, ROW_PX, cameras.length);
  const activeIndex = cameras.findIndex((camera) => camera.id === activeId);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextIndex(event.key, activeIndex, cameras.length, Math.floor(height / ROW_PX));
    const active = cameras[activeIndex];
    if (event.key === 'Enter' && active !== undefined) onPick(active);
    if (next === null) return;
    event.preventDefault();
    setActiveId(cameras[next]?.id ?? null);
    scrollIntoView(box.current, next);
  };
  const ref = useMergedRef(sizeRef, box, boxRef);
  return (
    <div
      ref={ref}
      className={styles.rows}
      role="listbox"
      tabIndex={0}
      aria-label={t('cameras.list')}
      aria-activedescendant={activeIndex < 0 ? undefined : `camera-${activeId ?? ''}`}
      data-testid="camera-list"
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (activeIndex < 0) setActiveId(cameras[0]?.id ?? null);
      }}
      onScroll={(event) => {
        setScrollTop(event.currentTarget.scrollTop);
      }}
    >
      {cameras.length === 0 && !loading && <p className={styles.empty}>{t('cameras.empty')}</p>}
      <div style={{ height: cameras.length * ROW_PX, position: 'relative' }}>
        {cameras.slice(first, end).map((camera, offset) => (
          <CameraRow
            key={camera.id}
            camera={camera}
            purpose={purpose}
            now={now}
            top={(first + offset) * ROW_PX}
            active={camera.id === activeId}
            onWall={onWall.has(camera.id)}
            onPick={(picked) => {
              setActiveId(picked.id);
              onPick(picked);
            }}
          />
        ))}
      </div>
    </div>
  );
}

function nextIndex(key: string, at: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const wanted = steps[key];
  return wanted === undefined ? null : Math.min(Math.max(wanted, 0), count - 1);
}

function scrollIntoView(box: HTMLElement | null, index: number): void {
  if (box === null) return;
  const top = index * ROW_PX;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW_PX > box.scrollTop + box.clientHeight) {
    box.scrollTop = top + ROW_PX - box.clientHeight;
  }
}
