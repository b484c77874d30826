/**
 * No view without a declared purpose: asked before the wall when the role knows several.
 * Changing it later belongs in the top bar.
 */
import type { ReactNode } from 'react';

import type { Purpose } from '../../api/types';
import { useI18n } from '../../i18n/i18n';
import { useWork } from '../../session/Work';
import styles from '../Front.module.css';

/** The law's, not the deployer's: an emergency is always somebody's open incident. */
const NEEDS_INCIDENT: ReadonlySet<Purpose> = new Set(['emergency_response']);

export function PurposeGate(): ReactNode {
  const { t, word } = useI18n();
  const { role, setPurpose } = useWork();
  return (
    <div className={styles.page}>
      <section className={styles.card} aria-labelledby="purpose-title">
        <h1 className={styles.brand} id="purpose-title">
          {t('purpose.choose')}
        </h1>
        <p className={styles.faint}>{t('purpose.choose.hint')}</p>
        <ul className={styles.roles} data-testid="purpose-list">
          {role.purposes.map((purpose) => (
            <li key={purpose}>
              <button
                type="button"
                className={styles.role}
                data-testid={`purpose-option-${purpose}`}
                onClick={() => {
                  setPurpose(purpose);
                }}
              >
                <strong>{word('purpose', purpose)}</strong>
                {NEEDS_INCIDENT.has(purpose) && <small>{t('purpose.needs.incident')}</small>}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
