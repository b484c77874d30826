/**
 * The tiles in their places; a tile keeps its video while it changes places.
 * What a tile shows is its own business.
 */
import {
  useEffect,
  useState,
  type CSSProperties,
  type DragEvent,
  type Dispatch,
  type ReactNode,
} from 'react';

import type { CameraItem } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { carriesOurs, dropped } from '../../wall/dragging';
import { columnsOf, tileKey, type TileContent, type Wall, type WallAction } from '../../wall/wall';
import { Tile } from './Tile';
import styles from './Wall.module.css';

type Props = {
  wall: Wall;
  dispatch: Dispatch<WallAction>;
  cameras: ReadonlyMap<string, CameraItem>;
  contentOf: (camera: string) => TileContent;
  onViews: (views: number) => void;
};

export function WallGrid({ wall, dispatch, cameras, contentOf, onViews }: Props): ReactNode {
  const running = useRunningViews(onViews);
  const columns = columnsOf(wall.layout);
  const drop = (event: DragEvent, tile: number) => {
    event.preventDefault();
    const dragged = dropped(event.dataTransfer);
    if (dragged?.kind === 'camera') {
      dispatch({ kind: 'place', tile, content: contentOf(dragged.camera) });
    } else if (dragged?.kind === 'tile') {
      dispatch({ kind: 'swap', from: dragged.tile, to: tile });
    }
  };
  const placed = wall.tiles.slice(0, wall.layout).map((content, index) => ({
    index,
    content,
    key: content === null ? `empty-${index}` : tileKey(content),
  }));
  // A stable order in the page: a video that moves within it would stop playing.
  placed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const template = `repeat(${columns}, minmax(0, 1fr))`;
  return (
    <div
      className={styles.grid}
      style={{ gridTemplateColumns: template, gridTemplateRows: template }}
      data-testid="wall"
      data-layout={wall.layout}
      data-focused={wall.focused ?? ''}
    >
      {placed.map(({ index, content, key }) => (
        <div
          key={key}
          className={styles.cell}
          style={wall.focused === index ? WHOLE_WALL : placeOf(index, columns)}
          data-selected={wall.selected === index}
          data-focused={wall.focused === index}
          data-covered={wall.focused !== null && wall.focused !== index}
          onDragOver={(event) => {
            if (carriesOurs(event.dataTransfer)) event.preventDefault();
          }}
          onDrop={(event) => {
            drop(event, index);
          }}
        >
          {content === null ? (
            <EmptyTile index={index} dispatch={dispatch} />
          ) : (
            <Tile
              index={index}
              content={content}
              camera={cameras.get(content.camera)}
              focused={wall.focused === index}
              large={wall.layout === 1 || wall.focused === index}
              dispatch={dispatch}
              onRunning={running}
            />
          )}
        </div>
      ))}
    </div>
  );
}

/** The tile in focus lies over all others; they keep their places and their pictures. */
const WHOLE_WALL = { gridColumn: '1 / -1', gridRow: '1 / -1' };

function placeOf(index: number, columns: number): CSSProperties {
  return { gridColumn: (index % columns) + 1, gridRow: Math.floor(index / columns) + 1 };
}

function EmptyTile({
  index,
  dispatch,
}: {
  index: number;
  dispatch: Dispatch<WallAction>;
}): ReactNode {
  const { t } = useI18n();
  return (
    <button
      type="button"
      className={styles.empty}
      aria-label={t('wall.tile', { n: index + 1 })}
      data-testid={`tile-${index}`}
      data-state="empty"
      onClick={() => {
        dispatch({ kind: 'select', tile: index });
      }}
      onFocus={() => {
        dispatch({ kind: 'select', tile: index });
      }}
    >
      <span className={styles.emptyNumber}>{index + 1}</span>
      {t('wall.empty')}
    </button>
  );
}

/** Counts tiles that hold a view, for the status bar. */
function useRunningViews(onViews: (views: number) => void): (by: 1 | -1) => void {
  const [count, setCount] = useState(0);
  useEffect(() => {
    onViews(count);
  }, [count, onViews]);
  const [change] = useState(() => (by: 1 | -1) => {
    setCount((before) => before + by);
  });
  return change;
}
