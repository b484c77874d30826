/**
 * The dense list of all cameras: search, filters, and only as many rows as the screen shows.
 * Which cameras match is decided in `wall/cameraFilter.ts`.
 */
import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';

import type { CameraItem, CameraState, Purpose } from '../../api/types';
import { Icon } from '../../design/Icon';
import { useI18n } from '../../i18n/i18n';
import { useStreamState } from '../../session/Gateway';
import { districtsOf, filterCameras, NO_FILTER, type CameraFilter } from '../../wall/cameraFilter';
import { CameraRows } from './CameraRows';
import styles from './CameraList.module.css';

const STATES: CameraState[] = ['live', 'idle', 'connecting', 'backoff', 'auth_failed', 'faulted'];

type Props = {
  cameras: readonly CameraItem[];
  loading: boolean;
  purpose: Purpose;
  onWall: ReadonlySet<string>;
  searchRef: Ref<HTMLInputElement>;
  onPick: (camera: CameraItem) => void;
};

export function CameraList({
  cameras,
  loading,
  purpose,
  onWall,
  searchRef,
  onPick,
}: Props): ReactNode {
  const { t } = useI18n();
  const [filter, setFilter] = useState<CameraFilter>(NO_FILTER);
  const applied = useDeferredValue(filter);
  const shown = useMemo(() => matching(cameras, applied, purpose), [cameras, applied, purpose]);
  const rows = useRef<HTMLDivElement>(null);
  const stale = useStreamState() === 'lost';
  return (
    <aside className={styles.list} aria-label={t('cameras.title')} data-stale={stale}>
      <Filters
        cameras={cameras}
        filter={filter}
        searchRef={searchRef}
        onChange={setFilter}
        onDown={() => rows.current?.focus()}
        onEnter={() => {
          // Not `shown`: it may be a letter behind.
          const [first] = filter.text.trim() === '' ? [] : matching(cameras, filter, purpose);
          if (first !== undefined) onPick(first);
        }}
      />
      <div className={styles.count}>
        <Checkbox
          size="xs"
          label={t('cameras.allowed.only')}
          data-testid="camera-allowed-only"
          checked={filter.allowedFor !== null}
          onChange={(event) => {
            setFilter({ ...filter, allowedFor: event.currentTarget.checked ? purpose : null });
          }}
        />
        <span data-testid="camera-count">
          {loading
            ? t('app.loading')
            : t('cameras.count', { shown: shown.length, total: cameras.length })}
        </span>
      </div>
      <CameraRows
        cameras={shown}
        loading={loading}
        purpose={purpose}
        onWall={onWall}
        boxRef={rows}
        onPick={onPick}
      />
    </aside>
  );
}

function matching(
  cameras: readonly CameraItem[],
  filter: CameraFilter,
  purpose: Purpose,
): CameraItem[] {
  const allowedFor = filter.allowedFor === null ? null : purpose;
  return filterCameras(cameras, { ...filter, allowedFor });
}

type FilterProps = {
  cameras: readonly CameraItem[];
  filter: CameraFilter;
  onEnter: () => void;
  onDown: () => void;
  searchRef: Ref<HTMLInputElement>;
  onChange: (filter: CameraFilter) => void;
};

function Filters(props: FilterProps): ReactNode {
  const { cameras, filter, searchRef, onEnter, onDown, onChange } = props;
  const { t, nameOf } = useI18n();
  const districts = useMemo(() => districtsOf(cameras), [cameras]);
  const stateOptions = STATES.map((state) => ({ value: state, label: t(`state.${state}`) }));
  const districtOptions = districts.map((one) => ({ value: one.id, label: nameOf(one) }));
  return (
    <div className={styles.filters} role="search">
      <TextInput
        ref={searchRef}
        size="xs"
        type="search"
        className={styles.search}
        aria-label={t('cameras.search')}
        placeholder={t('cameras.search.hint')}
        leftSection={<Icon name="search" size={14} />}
        data-testid="camera-search"
        value={filter.text}
        onChange={(event) => {
          onChange({ ...filter, text: event.currentTarget.value });
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key === 'ArrowDown') onDown();
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          onEnter();
          // The next name or number overwrites the last one.
          event.currentTarget.select();
        }}
      />
      <NativeSelect
        size="xs"
        aria-label={t('cameras.district')}
        data-testid="camera-district"
        data={[{ value: '', label: t('cameras.district.all') }, ...districtOptions]}
        value={filter.district ?? ''}
        onChange={(event) => {
          onChange({ ...filter, district: event.target.value === '' ? null : event.target.value });
        }}
      />
      <NativeSelect
        size="xs"
        aria-label={t('cameras.state')}
        data-testid="camera-state"
        data={[{ value: '', label: t('cameras.state.all') }, ...stateOptions]}
        value={filter.state ?? ''}
        onChange={(event) => {
          const state = STATES.find((known) => known === event.target.value) ?? null;
          onChange({ ...filter, state });
        }}
      />
    </div>
  );
}
