/**
 * The two bars of a tile: whose picture it is and its state above, purpose and limits below.
 * Their height never changes, whatever they say.
 */
import { useEffect, useState, type Dispatch, type ReactNode, type RefObject } from 'react';

import type { CameraItem, OpenedView } from '../../api/types';
import { Icon } from '../../design/Icon';
import { Mark, type MarkName } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { isSoon, nearTime } from '../../i18n/time';
import { useNow } from '../../session/useNow';
import type { TileStatus } from '../../wall/TileSession';
import type { TileContent, WallAction } from '../../wall/wall';
import styles from './Tile.module.css';

const STATUS_MARK: Record<TileStatus['kind'], MarkName> = {
  requesting: 'busy',
  connecting: 'busy',
  live: 'live',
  frozen: 'frozen',
  reconnecting: 'warning',
  denied: 'refused',
  cut: 'ended',
  closed: 'idle',
};

type HeaderProps = {
  index: number;
  content: TileContent;
  camera: CameraItem | undefined;
  view: OpenedView | null;
  status: TileStatus;
  focused: boolean;
  dispatch: Dispatch<WallAction>;
};

export function TileHeader(props: HeaderProps): ReactNode {
  const { index, content, camera, view, status, focused, dispatch } = props;
  const { t, nameOf } = useI18n();
  const named = camera ?? view?.camera;
  return (
    <header className={styles.header}>
      <span className={styles.number}>{named?.number ?? '–'}</span>
      <span className={styles.name} data-testid="tile-name">
        {named === undefined ? content.camera : nameOf(named)}
      </span>
      <span className={styles.state} role="status" data-testid="tile-state">
        <Mark name={STATUS_MARK[status.kind]} size={10} />
        {t(`tile.${status.kind}`)}
      </span>
      <TileButton
        icon={focused ? 'shrink' : 'enlarge'}
        label={t(focused ? 'wall.unfocus' : 'wall.focus')}
        testId="tile-focus"
        onClick={() => {
          dispatch({ kind: 'focus', tile: focused ? null : index });
        }}
      />
      <TileButton
        icon="close"
        label={t('wall.close')}
        testId="tile-close"
        onClick={() => {
          dispatch({ kind: 'clear', tile: index });
        }}
      />
    </header>
  );
}

type ButtonProps = {
  icon: 'enlarge' | 'shrink' | 'close';
  label: string;
  testId: string;
  onClick: () => void;
};

function TileButton({ icon, label, testId, onClick }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={styles.button}
      aria-label={label}
      title={label}
      data-testid={testId}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
      onDoubleClick={(event) => {
        event.stopPropagation();
      }}
    >
      <Icon name={icon} size={13} />
    </button>
  );
}

type FooterProps = {
  content: TileContent;
  view: OpenedView | null;
  video: RefObject<HTMLVideoElement | null>;
  shown: boolean;
};

export function TileFooter({ content, view, video, shown }: FooterProps): ReactNode {
  const { t, word } = useI18n();
  const now = useNow(30_000);
  const size = usePictureSize(video);
  const until = dateOf(view?.valid_until);
  return (
    <footer className={styles.footer}>
      <span data-testid="tile-purpose">{word('purpose', content.purpose)}</span>
      {content.incident !== undefined && <span>{content.incident}</span>}
      {until !== null && isSoon(until, now) && (
        <span>{t('cameras.until', { time: nearTime(until, now) })}</span>
      )}
      <span className={styles.gap} />
      {view?.variant === 'masked' && (
        <span className={styles.badge} title={t('wall.masked.hint')} data-testid="tile-masked">
          <Icon name="shield" size={12} />
          {t('wall.masked')}
        </span>
      )}
      <span className="tabular">{shown ? size : ''}</span>
    </footer>
  );
}

function dateOf(text: string | null | undefined): Date | null {
  return typeof text === 'string' ? new Date(text) : null;
}

/** `640×360`, as the decoder sees it. */
function usePictureSize(video: RefObject<HTMLVideoElement | null>): string {
  const [size, setSize] = useState('');
  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    const look = () => {
      setSize(element.videoWidth > 0 ? `${element.videoWidth}×${element.videoHeight}` : '');
    };
    element.addEventListener('resize', look);
    return () => {
      element.removeEventListener('resize', look);
    };
  }, [video]);
  return size;
}
