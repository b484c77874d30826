/**
 * Layout buttons and what the keys do.
 * The steps themselves are in `wall/wall.ts`.
 */
import type { Dispatch, ReactNode } from 'react';

import { Icon, LayoutIcon } from '../../design/Icon';
import { useI18n } from '../../i18n/i18n';
import { columnsOf, LAYOUTS, type Wall, type WallAction } from '../../wall/wall';
import styles from './Wall.module.css';

type Props = { wall: Wall; dispatch: Dispatch<WallAction> };

export function WallToolbar({ wall, dispatch }: Props): ReactNode {
  const { t } = useI18n();
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t('wall.layout')}>
      {LAYOUTS.map((layout) => (
        <button
          key={layout}
          type="button"
          className={styles.tool}
          aria-pressed={wall.layout === layout}
          aria-label={t('wall.layout.n', { n: layout })}
          title={t('wall.layout.n', { n: layout })}
          data-testid={`layout-${layout}`}
          onClick={() => {
            dispatch({ kind: 'layout', layout });
          }}
        >
          <LayoutIcon columns={columnsOf(layout)} />
          {layout}
        </button>
      ))}
      <span className={styles.keys}>{t('wall.keys')}</span>
      {wall.before !== null && (
        <button
          type="button"
          className={styles.tool}
          data-testid="wall-restore"
          onClick={() => {
            dispatch({ kind: 'restore' });
          }}
        >
          {t('wall.restore')}
        </button>
      )}
      <button
        type="button"
        className={styles.tool}
        disabled={wall.tiles.every((tile) => tile === null)}
        data-testid="wall-clear"
        onClick={() => {
          dispatch({ kind: 'clearAll' });
        }}
      >
        <Icon name="close" size={13} />
        {t('wall.clear')}
      </button>
    </div>
  );
}
