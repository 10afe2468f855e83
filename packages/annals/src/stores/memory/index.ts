export { type MemoryOptions, openMemory } from './open.ts'
