#!/usr/bin/env node
// The gradus command. Only what every call needs is loaded here; each command loads the rest on use.
import { main } from './program.ts'

process.exitCode = await main(process.argv.slice(2))
