// @ts-check
// What the tests of the webgpu device need, where it is to be had: `node scripts/gpu.mjs` installs Dawn (npm package
// webgpu, over 100 MB) into test/gpu; the Vulkan driver for processors comes with Debian's chromium.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../test/gpu', import.meta.url))
const installed = `${folder}/node_modules/webgpu`
/** Where chromium keeps libvulkan.so.1 and SwiftShader. */
const CHROMIUM = ['/usr/lib/chromium', '/opt/google/chrome', '/usr/lib/chromium-browser']

/** Variables for a process that shall find Dawn, and a driver: the machine's own where there is a card, else SwiftShader. */
export function gpuEnvironment(env = process.env) {
  /** @type {Record<string, string>} */
  const out = {}
  if (!existsSync(installed)) return out
  out.GRADUS_WEBGPU = env.GRADUS_WEBGPU ?? folder
  const browser = CHROMIUM.find((f) => existsSync(`${f}/vk_swiftshader_icd.json`))
  const card = existsSync('/dev/nvidia0') || existsSync('/dev/dri/renderD128')
  if (browser === undefined || card || env.VK_DRIVER_FILES !== undefined) return out
  out.VK_DRIVER_FILES = `${browser}/vk_swiftshader_icd.json`
  out.LD_LIBRARY_PATH = [browser, env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  return out
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' }).status ?? 1)
}
