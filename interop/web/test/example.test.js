// An example, to copy: a website with yivi-frontend is tested in a browser, and the
// phone is `irmad wallet serve`. It needs irmad, Chromium, and from npm
// playwright-core and @privacybydesign/yivi-frontend, and no network.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { after, before, beforeEach, test } from 'node:test'

import { chromium } from 'playwright-core'

import { binary, freePort } from '../harness/irmad.js'

// In a project of your own: the program, such as 'irmad', and a port for it.
const irmad = await binary()
const port = await freePort()

const server = `http://127.0.0.1:${port}` // irmad, which the website uses
const children = []
let website, wallet, browser

// The website under test: one page that asks whether its visitor is over 18. It starts
// the session from the page, which is fine for a test; in production a backend does.
const page = `<!doctype html><title>Bar</title><link rel="icon" href="data:,">
<section id="yivi"></section><p id="outcome"></p><script src="yivi.js"></script><script>
yivi.newWeb({
  language: 'en',
  element: '#yivi',
  session: {
    url: '${server}',
    start: {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        '@context': 'https://irma.app/ld/request/disclosure/v2',
        disclose: [[['irmad-demo.gov.ageLimits.over18']]]
      })
    }
  }
}).start().then(
  result => result.disclosed[0][0].rawvalue === 'yes' ? 'Welcome!' : 'Too young',
  () => 'Come back when you want to show it'
).then(text => { document.querySelector('#outcome').textContent = text })
</script>`

before(async () => {
  const library = await readFile(createRequire(import.meta.url).resolve('@privacybydesign/yivi-frontend'))
  website = createServer((req, res) => {
    const script = req.url === '/yivi.js'
    res.writeHead(200, { 'Content-Type': script ? 'text/javascript' : 'text/html' }).end(script ? library : page)
  }).listen(0, '127.0.0.1')

  run(irmad, '--listen-addr', '127.0.0.1', '--port', String(port), '--url', server, '--schemes-update', '0')
  await answers(`${server}/health`)

  // With port 0 the wallet takes a free one, and prints where it is.
  const served = run(irmad, 'wallet', 'serve', '--listen', '127.0.0.1:0')
  const [line] = await once(served.stdout.setEncoding('utf8'), 'data')
  wallet = line.match(/http:\S+/)[0]

  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
})

after(async () => {
  await browser?.close()
  website?.closeAllConnections()
  website?.close()
  await Promise.all(children.map(child => child.kill() && once(child, 'exit')))
})

// Each test begins with a new user, whose wallet is empty.
beforeEach(async () => { await ask('DELETE', 'credentials') })

test('an adult is let in', async t => {
  await give('yes')
  const { tab, session } = await open(t)
  const done = await ask('POST', 'sessions', session) // scans the QR, and agrees
  assert.equal(done.success, true, done.error)
  await tab.getByText('Welcome!').waitFor()
})

test('a minor is not', async t => {
  await give('no')
  const { tab, session } = await open(t)
  await ask('POST', 'sessions', session)
  await tab.getByText('Too young').waitFor()
})

test('nobody has to show anything', async t => {
  await give('yes')
  const { tab, session } = await open(t)
  const done = await ask('POST', 'sessions', { pointer: session, refuse: true })
  assert.equal(done.reason, 'refused')
  await tab.getByText('Cancelled').or(tab.getByText('cancelled')).first().waitFor()
})

test('who has no card is told so by the app', async t => {
  const { session } = await open(t)
  const done = await ask('POST', 'sessions', session)
  assert.equal(done.reason, 'missing')
  assert.match(done.error, /irmad-demo\.gov\.ageLimits\.over18/)
})

/** Opens the page, and returns what irmad answered when the page started a session. */
async function open (t) {
  const context = await browser.newContext()
  t.after(() => context.close())
  const tab = await context.newPage()
  tab.setDefaultTimeout(10_000)
  const started = tab.waitForResponse(response => response.request().method() === 'POST' && response.url() === `${server}/session`)
  await tab.goto(`http://127.0.0.1:${website.address().port}/`)
  const session = await (await started).json()
  await tab.locator(':is(.yivi-web-qr-code, .yivi-web-qr-canvas)').waitFor() // only now the page waits for a phone
  return { tab, session }
}

/** Gives the user a card. */
async function give (over18) {
  await ask('POST', 'credentials', [{
    credential: 'irmad-demo.gov.ageLimits',
    attributes: { over12: 'yes', over16: 'yes', over18, over21: 'no' }
  }])
}

/** Asks the wallet to do something. */
async function ask (method, path, body) {
  const answer = await fetch(`${wallet}/${path}`, {
    method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body)
  })
  const value = await answer.json()
  assert.equal(answer.status, 200, value.message)
  return value
}

/** Starts a program that ends with the tests. */
function run (...command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.resume()
  children.push(child)
  return child
}

/** Returns when a server answers at the URL. */
async function answers (url) {
  for (let tries = 0; tries < 500; tries++) {
    if ((await fetch(url).catch(() => null))?.ok) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`nobody answers at ${url}`)
}
