/**
 * One camera in the list: state, number, name, place, and whether it may be watched for the purpose.
 * The verdict comes from the gateway; nothing is decided here.
 */
import { memo, type ReactNode } from 'react';

import type { CameraItem, CameraState, Purpose, Verdict } from '../../api/types';
import { Mark, type MarkName } from '../../design/Mark';
import { useI18n, type I18n } from '../../i18n/i18n';
import { isSoon, nearTime } from '../../i18n/time';
import { useWork } from '../../session/Work';
import { carry } from '../../wall/dragging';
import { missingGround } from '../../wall/reasons';
import styles from './CameraList.module.css';

export const ROW_PX = 42;

export const STATE_MARK: Record<CameraState, MarkName> = {
  idle: 'idle',
  connecting: 'busy',
  live: 'live',
  backoff: 'warning',
  auth_failed: 'locked',
  faulted: 'broken',
};

type Props = {
  camera: CameraItem;
  purpose: Purpose;
  now: Date;
  top: number;
  active: boolean;
  onWall: boolean;
  onPick: (camera: CameraItem) => void;
};

export const CameraRow = memo(function CameraRow(props: Props): ReactNode {
  const { camera, purpose, now, top, active, onWall, onPick } = props;
  const i18n = useI18n();
  const verdict = camera.verdicts[purpose];
  return (
    <div
      id={`camera-${camera.id}`}
      role="option"
      aria-selected={active}
      className={styles.row}
      style={{ top, height: ROW_PX }}
      draggable
      data-testid="camera-row"
      data-camera={camera.id}
      data-number={camera.number}
      data-state={camera.state}
      data-allowed={verdict?.allowed ?? false}
      data-on-wall={onWall}
      onClick={() => {
        onPick(camera);
      }}
      onDragStart={(event) => {
        carry(event.dataTransfer, { kind: 'camera', camera: camera.id });
      }}
    >
      <span className={styles.state} title={i18n.t(`state.${camera.state}`)}>
        <Mark name={STATE_MARK[camera.state]} />
        <span className={styles.spoken}>{i18n.t(`state.${camera.state}`)}</span>
      </span>
      <span className={styles.number}>{camera.number}</span>
      <span className={styles.name}>{i18n.nameOf(camera)}</span>
      <span className={styles.place}>{placeOf(camera, i18n)}</span>
      <VerdictWords verdict={verdict} now={now} />
    </div>
  );
});

function placeOf(camera: CameraItem, { language }: I18n): string {
  const english = language === 'en';
  const site = english ? camera.site_name_en : camera.site_name;
  const district = english ? camera.district_name_en : camera.district_name;
  return `${district} · ${site}`;
}

function VerdictWords({ verdict, now }: { verdict: Verdict | undefined; now: Date }): ReactNode {
  const { t, word } = useI18n();
  const { ground } = useWork();
  if (verdict === undefined) {
    return <Said mark="refused" text={word('code', 'PURPOSE_NOT_REGISTERED')} when="" />;
  }
  const time = verdict.allowed ? verdict.valid_until : verdict.retry_at;
  const near = time === null ? '' : nearTime(new Date(time), now);
  if (verdict.allowed) {
    const soon = time !== null && isSoon(new Date(time), now) && !isLease(new Date(time), now);
    const when = soon ? t('cameras.until', { time: near }) : '';
    return <Said mark="allowed" text={t('cameras.allowed')} when={when} quiet />;
  }
  const missing = missingGround(verdict.code ?? '');
  if (missing !== null && ground[missing] !== undefined) {
    return <Said mark="idle" text={t(`cameras.with.${missing}`)} when="" />;
  }
  const when = near === '' ? '' : t('cameras.from', { time: near });
  return <Said mark="refused" text={word('code', verdict.code ?? 'ROLE')} when={when} />;
}

/** A test view's minute counts from its opening; as an hour in the list it would mislead. */
function isLease(until: Date, now: Date): boolean {
  return until.getTime() - now.getTime() < 120_000;
}

type SaidProps = { mark: MarkName; text: string; when: string; quiet?: boolean };

/** What is as it should be stays a small sign; a refusal is framed and in words. */
function Said({ mark, text, when, quiet = false }: SaidProps): ReactNode {
  return (
    <span className={styles.verdict} data-testid="camera-verdict" title={text}>
      <span className={styles.words} data-mark={mark}>
        <Mark name={mark} size={11} />
        <span className={quiet ? styles.spoken : undefined}>{text}</span>
      </span>
      <span className={styles.when}>{when}</span>
    </span>
  );
}
