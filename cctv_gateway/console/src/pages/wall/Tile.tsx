/**
 * One camera on the wall: its picture, who it is, for which purpose, and in which state.
 * The life of its view is led by `wall/TileSession.ts`; the words over the picture by `TileOverlay`.
 */
import { useEffect, useRef, type CSSProperties, type Dispatch, type ReactNode } from 'react';

import type { CameraItem } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { carry } from '../../wall/dragging';
import type { TileContent, WallAction } from '../../wall/wall';
import { TileHeader } from './TileHeader';
import { TileOverlay } from './TileOverlay';
import { usePictureSize, type PictureSize } from './usePictureSize';
import { useTileSession } from './useTileSession';
import { Watermark } from './Watermark';
import styles from './Tile.module.css';

type Props = {
  index: number;
  content: TileContent;
  camera: CameraItem | undefined;
  focused: boolean;
  large: boolean;
  dispatch: Dispatch<WallAction>;
  onRunning: (by: 1 | -1) => void;
};

export function Tile(props: Props): ReactNode {
  const { index, content, camera, focused, large, dispatch, onRunning } = props;
  const { t } = useI18n();
  const video = useRef<HTMLVideoElement>(null);
  const allowed = camera?.verdicts[content.purpose]?.allowed ?? null;
  const { snapshot, tryAgain } = useTileSession(content, video, {
    quality: large ? 'main' : 'sub',
    cameraState: camera?.state ?? null,
    allowed,
  });
  const size = usePictureSize(video);
  const { status, view } = snapshot;
  const showsPicture = status.kind === 'live' || status.kind === 'frozen';
  useRunning(showsPicture, onRunning);
  return (
    <article
      className={styles.tile}
      tabIndex={0}
      aria-label={t('wall.tile', { n: index + 1 })}
      data-testid={`tile-${index}`}
      data-camera={content.camera}
      data-number={view?.camera.number ?? camera?.number}
      data-purpose={content.purpose}
      data-state={status.kind}
      data-code={'refusal' in status ? status.refusal.code : undefined}
      data-view={view?.view_id}
      data-variant={view?.variant}
      data-first-frame-ms={status.kind === 'live' ? Math.round(status.firstFrameMs) : undefined}
      draggable
      onDragStart={(event) => {
        carry(event.dataTransfer, { kind: 'tile', tile: index });
      }}
      onClick={() => {
        dispatch({ kind: 'select', tile: index });
      }}
      onFocus={() => {
        dispatch({ kind: 'select', tile: index });
      }}
      onDoubleClick={() => {
        dispatch({ kind: 'focus', tile: focused ? null : index });
      }}
    >
      <TileHeader
        index={index}
        content={content}
        camera={camera}
        view={view}
        status={status}
        focused={focused}
        size={showsPicture ? size : null}
        dispatch={dispatch}
      />
      <div className={styles.picture}>
        <div className={styles.screen} style={ratioOf(size)}>
          <video
            ref={video}
            className={styles.video}
            data-shown={showsPicture}
            data-testid={`tile-video-${index}`}
            muted
            playsInline
            autoPlay
            disablePictureInPicture
            controls={false}
          />
          {showsPicture && view !== null && <Watermark text={view.watermark} />}
        </div>
        <TileOverlay
          status={status}
          cameraState={camera?.state ?? null}
          allowed={allowed}
          incident={content.incident}
          onTryAgain={tryAgain}
        />
      </div>
    </article>
  );
}

/** The frame takes the shape of the picture, so that the watermark covers it and nothing else. */
function ratioOf(size: PictureSize | null): CSSProperties | undefined {
  return size === null ? undefined : ({ '--ratio': size.width / size.height } as CSSProperties);
}

function useRunning(running: boolean, onRunning: (by: 1 | -1) => void): void {
  useEffect(() => {
    if (!running) return undefined;
    onRunning(1);
    return () => {
      onRunning(-1);
    };
  }, [running, onRunning]);
}
