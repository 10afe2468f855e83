import { describe, expect, it } from 'vitest'
import { singular } from './targets.ts'

describe('singular', () => {
  it.each([
    ['pods', 'pod'],
    ['ingresses', 'ingress'],
    ['networkpolicies', 'networkpolicy'],
    ['storageclasses', 'storageclass'],
    ['endpoints', 'endpoints'],
    ['endpointslices', 'endpointslice'],
    ['leases', 'lease'],
    ['nodes', 'node'],
    ['certificatesigningrequests', 'certificatesigningrequest'],
  ])('%s -> %s', (resource, kind) => {
    expect(singular(resource)).toBe(kind)
  })
})
