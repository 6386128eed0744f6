// Chromium without a window.

import { chromium } from 'playwright-core'

/**
 * Starts a browser with a profile of its own. It resolves no names but
 * localhost, so nothing it does leaves this machine.
 */
export async function startBrowser () {
  return await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'
    ]
  })
}
