/**
 * Chooses Korean or English for the whole console.
 * Remembering the choice belongs in `i18n/i18n.tsx`.
 */
import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';

import { useI18n } from '../i18n/i18n';

const CHOICES = [
  { value: 'ko', label: '한국어' },
  { value: 'en', label: 'English' },
];

export function LanguageSwitch(): ReactNode {
  const { language, setLanguage, t } = useI18n();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('app.language')}
      data-testid="language-switch"
      data={CHOICES}
      value={language}
      transitionDuration={0}
      onChange={(value) => {
        setLanguage(value === 'en' ? 'en' : 'ko');
      }}
    />
  );
}
