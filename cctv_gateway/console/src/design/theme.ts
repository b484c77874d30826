/**
 * The console's look for Mantine: dark, calm, dense, one accent.
 * Colours that carry a meaning are CSS variables in `global.css`.
 */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const steel: MantineColorsTuple = [
  '#e8f1f9',
  '#cfe0f0',
  '#a9c9e6',
  '#86b4dc',
  '#6fa8dc',
  '#5795cc',
  '#427fb5',
  '#34699a',
  '#29547c',
  '#1f405f',
];

const slate: MantineColorsTuple = [
  '#dfe5ec',
  '#c3ccd6',
  '#a5b1be',
  '#7f8c9a',
  '#3a4651',
  '#2a343e',
  '#1c232b',
  '#151a20',
  '#11161b',
  '#0c1014',
];

export const theme = createTheme({
  primaryColor: 'steel',
  primaryShade: 6,
  colors: { steel, dark: slate },
  fontFamily:
    "'Pretendard Variable', Pretendard, 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', system-ui, sans-serif",
  fontFamilyMonospace:
    "'JetBrains Mono', 'Noto Sans Mono CJK KR', Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: '12px', sm: '12.5px', md: '13.5px', lg: '16px', xl: '20px' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    NativeSelect: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 500, withArrow: false } },
    Modal: { defaultProps: { transitionProps: { duration: 0 } } },
    Popover: { defaultProps: { transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 } } },
  },
});
