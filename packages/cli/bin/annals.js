#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `annals: needs Node.js 22.13 or newer, this is ${process.versions.node}. Run it as "npx annals" inside the project, or install a newer Node.js.\n`,
  )
  process.exit(1)
}
await import('../dist/main.js')
