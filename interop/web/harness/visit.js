// A visitor of the website: sees the page, holds a phone to the QR, types.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import jsQR from 'jsqr'
import { PNG } from 'pngjs'

import { Wire } from './wire.js'

/** What the libraries show, by state. */
export const shows = {
  qr: ':is(.yivi-web-qr-code, .yivi-web-qr-canvas)',
  pairing: '.yivi-web-pairing-form',
  phone: '.yivi-web-waiting-for-user-animation',
  success: '.yivi-web-checkmark-animation',
  failure: '.yivi-web-forbidden-animation',
  timeout: '.yivi-web-clock-animation',
  button: '.yivi-web-button-link'
}

/** Visit is one page in a browser. */
export class Visit {
  /** Opens the page of a library: bundle or modules. */
  static async open (browser, site, library, options = {}) {
    const visit = new Visit()
    visit.context = await browser.newContext({ locale: 'en-GB', ...options })
    visit.page = await visit.context.newPage()
    visit.page.setDefaultTimeout(10_000)
    visit.log = []
    visit.page.on('console', message => visit.log.push(message.text()))
    visit.page.on('pageerror', err => visit.log.push(String(err)))
    visit.wire = await Wire.tap(visit.page)
    await visit.page.goto(`${site.url}/${library}.html`)
    return visit
  }

  async close () {
    await this.context.close()
  }

  /**
   * Starts a session in the page with the API at server. State holds the
   * options of the library that it calls state.
   */
  async begin (server, request, state = {}) {
    await this.page.evaluate(options => window.begin(options), { server, request, state })
  }

  /** Returns when the page shows this, a member of shows. */
  async sees (what, timeout) {
    const ends = [shows.success, shows.failure, shows.timeout]
    await this.page.locator([what, ...ends].join()).first().waitFor({ timeout })
    if (await this.page.locator(what).count() > 0) return
    const text = await this.page.locator('body').innerText()
    throw new Error(`page:\n${text}\nconsole:\n${this.log.join('\n')}`)
  }

  /** Returns the content of the QR on the page. */
  async scan () {
    await this.sees(shows.qr)
    for (let tries = 0; tries < 20; tries++) { // the library draws it a moment later
      const content = decode(await this.page.locator(shows.qr).screenshot())
      if (content) return content
    }
    throw new Error('the page shows no readable QR')
  }

  /** Types a pairing code. */
  async type (code) {
    await this.sees(shows.pairing)
    await this.page.locator('.yivi-web-pairing-code input').first().click()
    await this.page.keyboard.type(code)
  }

  /** Clicks a button, by its name for the library. */
  async click (transition) {
    await this.page.locator(`[data-yivi-glue-transition=${transition}]`).click()
  }

  /**
   * Returns how the session ended for the website: the result that its script
   * got, or the error.
   */
  async outcome () {
    return await this.page.evaluate(() => window.outcome)
  }

  /**
   * Saves what the page looks like in the directory $SCREENSHOTS, if that is
   * set.
   */
  async screenshot (name) {
    const dir = process.env.SCREENSHOTS
    if (!dir) return
    await mkdir(dir, { recursive: true })
    await this.page.screenshot({ path: path.join(dir, `${name}.png`) })
  }
}

/** Returns the content of the QR in a picture, if there is one. */
export function decode (picture) {
  const { data, width, height } = PNG.sync.read(picture)
  return jsQR(new Uint8ClampedArray(data), width, height)?.data
}

/** Returns the session pointer in the content of a QR, or in a link to an app. */
export function pointerIn (text) {
  if (text.startsWith('{')) return JSON.parse(text)
  const url = new URL(text)
  const android = url.protocol === 'intent:'
  return JSON.parse(decodeURIComponent(android ? url.pathname.replace(/.*\/json\//, '') : url.hash.slice(1)))
}
