/**
 * The chosen language for the whole console: words, names and times; the choice is remembered.
 * The words themselves are in `ko.ts` and `en.ts`.
 */
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';

import { en } from './en';
import { ko, type Dictionary, type Key } from './ko';

export type Language = 'ko' | 'en';
export const LANGUAGES: readonly Language[] = ['ko', 'en'];
export const DICTIONARIES: Record<Language, Dictionary> = { ko, en };

const STORED = 'cctv.language';

export type Words = Record<string, string | number>;
export type Translate = (key: Key, words?: Words) => string;

export function translate(language: Language, key: Key, words: Words = {}): string {
  return DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (hole, name: string) =>
    String(words[name] ?? hole),
  );
}

/** The word for a code or id that the gateway may extend, else the code itself. */
export function wordFor(language: Language, prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return isKey(key) ? DICTIONARIES[language][key] : code;
}

function isKey(key: string): key is Key {
  return Object.hasOwn(ko, key);
}

type Named = { name: string; name_en: string };

export type I18n = {
  language: Language;
  setLanguage: (language: Language) => void;
  t: Translate;
  /** `word('code', 'OUT_OF_WINDOW')` */
  word: (prefix: string, code: string) => string;
  nameOf: (thing: Named) => string;
  /** Picks the sentence of the chosen language from the two that the gateway sends. */
  sentence: (english: string, korean: string) => string;
};

const Context = createContext<I18n | null>(null);

export function useI18n(): I18n {
  const value = use(Context);
  if (value === null) throw new Error('useI18n needs a LanguageProvider above it');
  return value;
}

export function LanguageProvider({ children }: { children: ReactNode }): ReactNode {
  const [language, setState] = useState<Language>(remembered);
  const setLanguage = useCallback((next: Language) => {
    setState(next);
    remember(next);
  }, []);
  const value = useMemo<I18n>(
    () => ({
      language,
      setLanguage,
      t: (key, words) => translate(language, key, words),
      word: (prefix, code) => wordFor(language, prefix, code),
      nameOf: (thing) => (language === 'en' && thing.name_en !== '' ? thing.name_en : thing.name),
      sentence: (english, korean) => (language === 'ko' ? korean : english),
    }),
    [language, setLanguage],
  );
  return <Context value={value}>{children}</Context>;
}

function remembered(): Language {
  const stored = LANGUAGES.find((known) => known === localStorage.getItem(STORED)) ?? 'ko';
  document.documentElement.lang = stored;
  return stored;
}

function remember(language: Language): void {
  document.documentElement.lang = language;
  localStorage.setItem(STORED, language);
}
