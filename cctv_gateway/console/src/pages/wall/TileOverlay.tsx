/**
 * The words over a tile without a running picture: what is happening, or why it ended, and what next.
 * The sentences come from the gateway; which button makes sense from `wall/reasons.ts`.
 */
import { Button, TextInput } from '@mantine/core';
import { useState, type SubmitEvent, type ReactNode } from 'react';

import type { CameraState } from '../../api/types';
import { Mark } from '../../design/Mark';
import { useI18n } from '../../i18n/i18n';
import { clockTime, nearTime } from '../../i18n/time';
import { useNow } from '../../session/useNow';
import type { Ground } from '../../session/Work';
import { missingGround, nextStep, type MissingGround } from '../../wall/reasons';
import type { Refusal, TileStatus } from '../../wall/TileSession';
import styles from './Tile.module.css';

type Props = {
  status: TileStatus;
  cameraState: CameraState | null;
  /** The list's verdict by now; null while it is unknown. */
  allowed: boolean | null;
  incident: string | undefined;
  onTryAgain: (ground?: Ground) => void;
};

export function TileOverlay({
  status,
  cameraState,
  allowed,
  incident,
  onTryAgain,
}: Props): ReactNode {
  const { t } = useI18n();
  const away =
    cameraState === 'backoff' || cameraState === 'auth_failed' || cameraState === 'faulted';
  switch (status.kind) {
    case 'live':
    case 'closed':
      return null;
    case 'requesting':
    case 'connecting':
      return <Waiting words={t(`tile.${status.kind}`)} hint={away ? t('tile.camera.away') : ''} />;
    case 'frozen':
      return <Waiting words={t('tile.frozen')} hint={away ? t('tile.camera.away') : ''} veiled />;
    case 'reconnecting':
      return <Reconnecting code={status.code} attempt={status.attempt} />;
    case 'denied':
    case 'cut':
      return (
        <Refused
          kind={status.kind}
          refusal={status.refusal}
          allowed={allowed}
          incident={incident}
          onTryAgain={onTryAgain}
        />
      );
  }
}

function Waiting({
  words,
  hint,
  veiled = false,
}: {
  words: string;
  hint: string;
  veiled?: boolean;
}): ReactNode {
  return (
    <div className={styles.overlay} data-veiled={veiled}>
      <p className={styles.quiet}>{words}</p>
      {hint !== '' && <p className={styles.hint}>{hint}</p>}
    </div>
  );
}

function Reconnecting({ code, attempt }: { code: string; attempt: number }): ReactNode {
  const { t, word } = useI18n();
  return (
    <div className={styles.overlay}>
      <p className={styles.quiet}>{t('tile.reconnecting.attempt', { n: attempt })}</p>
      <p className={styles.hint} data-testid="tile-reason">
        {word('code', code)}
      </p>
    </div>
  );
}

type RefusedProps = {
  kind: 'denied' | 'cut';
  refusal: Refusal;
  allowed: boolean | null;
  incident: string | undefined;
  onTryAgain: (ground?: Ground) => void;
};

function Refused({ kind, refusal, allowed, incident, onTryAgain }: RefusedProps): ReactNode {
  const { t, word, sentence } = useI18n();
  const now = useNow(30_000);
  const { code, message, messageKo, at, retryAt } = refusal;
  const missing = missingGround(code);
  const next = nextStep({ code, retryAt, allowed }, now);
  const when = t(kind === 'cut' ? 'tile.cut.at' : 'tile.denied.at', { time: clockTime(at) });
  return (
    <div className={styles.overlay} role="alert" data-kind={kind}>
      <p className={styles.title}>
        <Mark name={kind === 'cut' ? 'ended' : 'refused'} size={14} />
        {t(`tile.${kind}`)} · {word('code', code)}
      </p>
      <p className={styles.reason} data-testid="tile-reason">
        {code === 'NO_INCIDENT' && incident !== undefined
          ? t('tile.incident.closed', { incident })
          : sentence(message, messageKo)}
      </p>
      <p className={styles.hint}>
        {when}
        {next === 'at' && ` · ${t('tile.retry.at', { time: nearTime(retryAt ?? now, now) })}`}
        {next === 'wait' && ` · ${t('tile.retry.allowed')}`}
      </p>
      {next === 'ground' && missing !== null && (
        <GroundForm missing={missing} onGiven={onTryAgain} />
      )}
      {next === 'ask' && (
        <Button
          size="compact-xs"
          variant="default"
          data-testid="tile-try-again"
          onClick={() => {
            onTryAgain();
          }}
        >
          {t('tile.again')}
        </Button>
      )}
    </div>
  );
}

type GroundProps = { missing: MissingGround; onGiven: (ground: Ground) => void };

function GroundForm({ missing, onGiven }: GroundProps): ReactNode {
  const { t } = useI18n();
  const [text, setText] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = text.trim();
    if (given !== '') onGiven({ [missing]: given });
  };
  return (
    <form className={styles.ground} onSubmit={submit}>
      <TextInput
        size="xs"
        aria-label={t(`ground.${missing}`)}
        placeholder={t(`ground.${missing}`)}
        maxLength={missing === 'incident' ? 64 : 500}
        data-testid="tile-ground"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <Button type="submit" size="xs" variant="default" data-testid="tile-try-again">
        {t('tile.again')}
      </Button>
    </form>
  );
}
