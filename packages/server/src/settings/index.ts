export { SETTINGS, type Setting } from './list.ts'
export { type LoadedSettings, type SettingsSources, showSettings, traceSettings } from './load.ts'
export type { Settings } from './settings.ts'
