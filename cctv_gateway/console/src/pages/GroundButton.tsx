/**
 * The incident number and the reason that go into the record of every view opened from now on.
 * Whether they are needed is the gateway's decision.
 */
import { Button, Popover, Textarea, TextInput } from '@mantine/core';
import { useState, type SubmitEvent, type ReactNode } from 'react';

import { Icon } from '../design/Icon';
import { useI18n } from '../i18n/i18n';
import { useWork, type Ground } from '../session/Work';
import styles from './Workspace.module.css';

export function GroundButton(): ReactNode {
  const { t } = useI18n();
  const { ground } = useWork();
  const [open, setOpen] = useState(false);
  const given = ground.incident !== undefined || ground.reason !== undefined;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          className={styles.ground}
          data-given={given}
          leftSection={<Icon name="note" size={14} />}
          title={t('ground.label')}
          data-testid="ground-button"
          onClick={() => {
            setOpen(!open);
          }}
        >
          {ground.incident ?? ground.reason ?? t('ground.label')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <GroundForm
          onDone={() => {
            setOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function GroundForm({ onDone }: { onDone: () => void }): ReactNode {
  const { t } = useI18n();
  const { ground, setGround } = useWork();
  const [incident, setIncident] = useState(ground.incident ?? '');
  const [reason, setReason] = useState(ground.reason ?? '');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setGround(groundOf(incident, reason));
    onDone();
  };
  return (
    <form className={styles.groundForm} onSubmit={submit}>
      <TextInput
        label={t('ground.incident')}
        placeholder={t('ground.incident.example')}
        data-testid="ground-incident"
        data-autofocus
        maxLength={64}
        value={incident}
        onChange={(event) => {
          setIncident(event.currentTarget.value);
        }}
      />
      <Textarea
        label={t('ground.reason')}
        data-testid="ground-reason"
        rows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => {
          setReason(event.currentTarget.value);
        }}
      />
      <p className={styles.hint}>{t('ground.hint')}</p>
      <Button type="submit" data-testid="ground-apply">
        {t('ground.apply')}
      </Button>
    </form>
  );
}

export function groundOf(incident: string, reason: string): Ground {
  return {
    ...(incident.trim() === '' ? {} : { incident: incident.trim() }),
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  };
}
