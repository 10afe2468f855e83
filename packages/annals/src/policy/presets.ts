import { METAL } from './metal.ts'
import type { Preset } from './rule.ts'

/** The presets. */
export type PresetName = 'mutating' | 'metal' | 'all' | 'none'

/**
 * Requests that change something. POST that only asks, by the last segment of its route, is not recorded, nor are other
 * methods. What was no HTTP request, such as a gRPC call or an event that code records by itself, is.
 */
const MUTATING: Preset = {
  rules: [
    {
      name: 'mutating.asks',
      match: {
        method: ['POST', 'PUT', 'PATCH', 'DELETE'],
        route: [
          '**/find',
          '**/notify',
          '**/try',
          '**/match',
          '**/matches',
          '**/capacity',
          '**/from-hardware',
        ],
      },
      capture: 'none',
    },
    { name: 'mutating.change', match: { method: ['POST', 'PUT', 'PATCH', 'DELETE'] } },
    { name: 'mutating.read', match: { method: '*' }, capture: 'none' },
  ],
  otherwise: {},
}

const PRESETS: Readonly<Record<PresetName, Preset>> = {
  mutating: MUTATING,
  metal: METAL,
  all: { rules: [], otherwise: { capture: 'full' } },
  none: { rules: [], otherwise: { capture: 'none' } },
}

/** Every name of a preset. */
export const PRESET_NAMES: readonly PresetName[] = ['mutating', 'metal', 'all', 'none']

/** The rules of a preset. */
export function presetOf(name: PresetName): Preset {
  return PRESETS[name]
}
