/**
 * The one bar of a tile: which camera, for what and until when, masked or not, and in which state.
 * Its height never changes, whatever it says; narrow tiles leave out what the picture tells too.
 */
import type { Dispatch, ReactNode } from 'react';

import type { CameraItem, OpenedView } from '../../api/types';
import { Icon } from '../../design/Icon';
import { Mark, type MarkName } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { countdown, isSoon, nearTime } from '../../i18n/time';
import { useNow } from '../../session/useNow';
import { useWork } from '../../session/Work';
import type { TileStatus } from '../../wall/TileSession';
import type { TileContent, WallAction } from '../../wall/wall';
import styles from './Tile.module.css';
import type { PictureSize } from './usePictureSize';

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
  size: PictureSize | null;
  dispatch: Dispatch<WallAction>;
};

export function TileHeader(props: HeaderProps): ReactNode {
  const { index, content, camera, view, status, focused, size, dispatch } = props;
  const { t, nameOf } = useI18n();
  const named = camera ?? view?.camera;
  return (
    <header className={styles.header} data-live={size !== null}>
      <span className={styles.number}>{named?.number ?? '–'}</span>
      <span className={styles.name} data-testid="tile-name">
        {named === undefined ? content.camera : nameOf(named)}
      </span>
      <Ground content={content} />
      {view !== null && <Terms view={view} />}
      {size !== null && (
        <span className={`tabular ${styles.size ?? ''}`}>{`${size.width}×${size.height}`}</span>
      )}
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

/** The purpose stands out when it is another one than the person works for now. */
function Ground({ content }: { content: TileContent }): ReactNode {
  const { word } = useI18n();
  const { purpose } = useWork();
  return (
    <>
      <span
        className={styles.purpose}
        data-other={content.purpose !== purpose}
        data-testid="tile-purpose"
      >
        {word('purpose', content.purpose)}
      </span>
      {content.incident !== undefined && (
        <span className={styles.incident} title={content.incident}>
          {content.incident}
        </span>
      )}
    </>
  );
}

/** What the gateway has granted: until when, and the whole picture or a masked one. */
function Terms({ view: { valid_until, variant } }: { view: OpenedView }): ReactNode {
  return (
    <>
      {valid_until !== null && <Limit until={new Date(valid_until)} />}
      <VariantBadge variant={variant} />
    </>
  );
}

/** Counts down at the end, so that a cut by the clock surprises nobody. */
function Limit({ until }: { until: Date }): ReactNode {
  const { t } = useI18n();
  const now = useNow(1000);
  if (!isSoon(until, now)) return null;
  const left = countdown(until, now);
  return (
    <span className={`tabular ${styles.limit ?? ''}`} data-near={left !== null}>
      {left === null
        ? t('cameras.until', { time: nearTime(until, now) })
        : t('tile.left', { time: left })}
    </span>
  );
}

function VariantBadge({ variant }: Pick<OpenedView, 'variant'>): ReactNode {
  const { t } = useI18n();
  if (variant !== 'masked') {
    return (
      <span className={styles.raw} title={t('wall.raw.hint')} data-testid="tile-raw">
        {t('wall.raw')}
      </span>
    );
  }
  return (
    <span className={styles.badge} title={t('wall.masked.hint')} data-testid="tile-masked">
      <Icon name="shield" size={12} />
      {t('wall.masked')}
    </span>
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
