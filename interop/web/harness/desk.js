// A developer at the page of irmad dev.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { decode } from './visit.js'

/** Desk is the page in a browser of its own, and so with a phone of its own. */
export class Desk {
  /** Opens the page; options are those of a browser context. */
  static async open (t, browser, irmad, options = {}) {
    const desk = new Desk()
    desk.context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1380, height: 900 }, ...options })
    t.after(() => desk.context.close())
    desk.page = await desk.context.newPage()
    desk.page.setDefaultTimeout(10_000)
    desk.complaints = [] // of the browser, among them each violation of the policy
    desk.page.on('console', message => { if (['error', 'warning'].includes(message.type())) desk.complaints.push(message.text()) })
    desk.page.on('pageerror', err => desk.complaints.push(String(err)))
    desk.urls = []
    desk.page.on('request', request => desk.urls.push(request.url()))
    desk.origin = irmad.publicURL
    await desk.page.goto(`${irmad.publicURL}/dev/`)
    await desk.page.locator('#start:enabled').waitFor()
    await desk.button('No QR to scan').waitFor()
    return desk
  }

  button (name) {
    return this.page.getByRole('button', { name, exact: true })
  }

  get outcome () {
    return this.page.locator('#session .outcome')
  }

  get phone () {
    return this.page.locator('#screen')
  }

  /** Starts the session that the page has now. */
  async start () {
    await this.page.locator('#start').click()
    await this.page.locator('.qr').waitFor()
  }

  /** Clicks these buttons one after another, each when it is there. */
  async click (...names) {
    for (const name of names) await this.button(name).click()
  }

  /** Waits for a heading in the session's result, and returns its text. */
  async ends (title) {
    await this.outcome.getByRole('heading', { name: title }).waitFor()
    return await this.outcome.innerText()
  }

  /** Types the code that the phone shows. */
  async pair () {
    await this.page.getByLabel('Type the code').fill(await this.page.locator('.pairing-code').textContent())
    await this.page.keyboard.press('Enter')
  }

  /** Returns the content of the QR. */
  async scan () {
    for (let tries = 0; tries < 20; tries++) { // until the picture is there
      const content = decode(await this.page.locator('.qr').screenshot())
      if (content) return content
    }
    throw new Error('the page shows no readable QR')
  }

  /** Returns the result that the page shows, as the application gets it. */
  async result () {
    await this.page.getByText('The result as your application gets it').click()
    return JSON.parse(await this.page.locator('#session pre').textContent())
  }

  /**
   * Checks what must hold on all screens: nobody complains, nothing is loaded from
   * elsewhere, nothing sticks out to the right, all text can be read, and all
   * controls have names.
   */
  async sound () {
    assert.deepEqual(this.complaints, [])
    assert.deepEqual(this.urls.filter(url => !url.startsWith(`${this.origin}/`)), [])
    const found = await this.page.evaluate(inspect)
    assert.deepEqual(found, { wide: 0, faint: [], nameless: [] })
  }

  /** Saves what the page looks like, if $SCREENSHOTS names a directory. */
  async picture (name) {
    await this.sound()
    const dir = process.env.SCREENSHOTS
    if (!dir) return
    await mkdir(dir, { recursive: true })
    await this.page.screenshot({ path: path.join(dir, `dev-${name}.png`), fullPage: true })
  }
}

/** Runs in the page. Contrast is that of WCAG 2, where text needs 4.5 to 1. */
function inspect () {
  const parse = colour => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05)
  const grounds = element => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundImage, backgroundColor } = getComputedStyle(at)
      if (backgroundImage.includes('gradient')) return backgroundImage.match(/rgb\([^)]*\)/g).map(parse)
      const [r, g, b, alpha = 1] = parse(backgroundColor)
      if (alpha === 1) return [[r, g, b]]
    }
    return [[255, 255, 255]]
  }
  const faint = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { textContent, parentElement: element } = walker.currentNode
    if (!textContent.trim() || !element.checkVisibility() || element.closest('.hidden, script, :disabled')) continue
    const colour = parse(getComputedStyle(element).color)
    const least = Math.min(...grounds(element).map(ground => contrast(colour, ground)))
    if (least < 4.5) faint.push(`${textContent.trim()} ${least.toFixed(2)}`)
  }
  const nameless = [...document.querySelectorAll('button, input, textarea, summary, img')]
    .filter(element => element.checkVisibility() && element.getAttribute('alt') !== '')
    .filter(element => ![element.innerText, element.alt, element.labels?.[0]?.innerText, element.labels?.[0]?.textContent].some(name => name?.trim()))
    .map(element => element.outerHTML)
  return { wide: Math.max(0, document.documentElement.scrollWidth - innerWidth), faint, nameless }
}
