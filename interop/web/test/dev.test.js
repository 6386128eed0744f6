// The first ten minutes with the page of irmad dev: nothing but a browser, no
// network and no phone.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { startBrowser } from '../harness/browser.js'
import { Desk } from '../harness/desk.js'
import { FollowUps } from '../harness/followups.js'
import { Irmad } from '../harness/irmad.js'
import { demo } from '../harness/requests.js'
import { Site } from '../harness/site.js'
import { pointerIn, shows, Visit } from '../harness/visit.js'
import { Wallet } from '../harness/wallet.js'

describe('irmad dev', { concurrency: 3 }, () => {
  let browser, irmad
  before(async () => {
    irmad = await Irmad.start({ command: 'dev' })
    browser = await startBrowser()
  })
  after(async () => {
    await browser?.close()
    await irmad?.stop()
  })
  const open = (t, options) => Desk.open(t, browser, irmad, options)

  const looks = {
    desktop: {},
    tablet: { viewport: { width: 900, height: 1000 } },
    narrow: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }
  }
  for (const [look, options] of Object.entries(looks)) {
    test(`${look}: over 18, from an empty phone to the result`, async t => {
      const desk = await open(t, options)
      await desk.picture(`${look}-1-open`)
      await desk.start()
      await desk.button('Scan the QR').waitFor()
      await desk.picture(`${look}-2-qr`)
      await desk.click('Scan the QR')
      await desk.button('Get it now').waitFor()
      await desk.picture(`${look}-3-missing`)
      await desk.click('Get it now')
      await desk.button('Share').waitFor()
      await desk.picture(`${look}-4-share`)
      await desk.click('Share')
      const text = await desk.ends('Proven')
      assert.match(text, /Over 18\s+yes/)
      assert.match(text, /Demo age limits · Demo government/)
      await desk.phone.getByRole('heading', { name: 'Shared' }).waitFor()
      await desk.picture(`${look}-5-proven`)
      assert.deepEqual(await desk.page.locator('.timeline code').allTextContents(), ['INITIALIZED', 'CONNECTED', 'DONE'])
      const result = await desk.result()
      assert.equal(result.proofStatus, 'VALID')
      assert.equal(result.disclosed[0][0].id, demo.over18)
      await desk.sound()
    })

    if (look === 'tablet') continue

    test(`${look}: a card, with a wrong pairing code first`, async t => {
      const desk = await open(t, options)
      await desk.page.getByLabel('Get a card').check()
      await desk.page.getByLabel('Demo personal data').check()
      await desk.page.getByRole('group', { name: 'What is on the card' }).getByLabel('City').fill('Nijmegen')
      await desk.picture(`${look}-6-card`)
      await desk.start()
      await desk.page.getByText('Use a real phone').click()
      await desk.picture(`${look}-7-real-phone`)
      await desk.click('Scan the QR')
      const code = await desk.page.locator('.pairing-code').textContent()
      await desk.page.getByLabel('Type the code').fill(String((Number(code) + 1) % 10000).padStart(4, '0'))
      await desk.click('Go on')
      await desk.page.getByText('Look again').waitFor()
      await desk.picture(`${look}-8-wrong-code`)
      await desk.pair()
      await desk.button('Add').waitFor()
      await desk.picture(`${look}-9-add`)
      await desk.click('Add')
      await desk.ends('The card is on the phone')
      await desk.click('OK')
      await desk.phone.getByText('Demo personal data').click()
      await desk.phone.getByText('Nijmegen').waitFor()
      await desk.picture(`${look}-10-cards`)
    })

    test(`${look}: a signature, and a refusal`, async t => {
      const desk = await open(t, options)
      await desk.page.getByLabel('Sign', { exact: true }).check()
      await desk.page.getByLabel('The text to sign').fill('I’ll bring "cake"')
      await desk.page.getByRole('searchbox').fill('family')
      await desk.page.getByRole('checkbox', { name: 'Family name' }).check()
      await desk.page.getByRole('checkbox', { name: 'Over 18' }).uncheck()
      await desk.page.getByRole('tab', { name: 'curl' }).click()
      await desk.picture(`${look}-11-sign`)
      await desk.start()
      await desk.click('Scan the QR')
      await desk.page.locator('.pairing-code').waitFor()
      await desk.pair()
      await desk.click('Get it now')
      await desk.button('Sign').waitFor()
      await desk.picture(`${look}-12-sign-this`)
      await desk.click('Sign')
      await desk.ends('Signed')
      await desk.picture(`${look}-13-signed`)
      assert.equal((await desk.result()).signature.message, 'I’ll bring "cake"')

      await desk.page.getByLabel('Show data').check()
      await desk.start()
      await desk.click('Scan the QR', 'Refuse')
      await desk.ends('Cancelled')
      await desk.phone.getByRole('heading', { name: 'Refused' }).waitFor()
      await desk.picture(`${look}-14-refused`)
    })

    test(`${look}: a request with a mistake`, async t => {
      const desk = await open(t, options)
      await desk.page.getByRole('tab', { name: 'JSON' }).click()
      await desk.page.getByLabel('The session request').fill('{\n  "@context": "https://irma.app/ld/request/disclosure/v2",\n  "disclose": [["irmad-demo.gov.ageLimits.over18"]]\n}')
      await desk.page.getByText('Three brackets').waitFor()
      await desk.picture(`${look}-15-mistake`)
      assert.equal(await desk.page.locator('#start').isDisabled(), true)
      await desk.click('line 3, column 17')
      await desk.page.keyboard.type('["') // over what is selected: the quote
      await desk.page.getByText('This is not JSON').waitFor()
      await desk.page.getByLabel('The session request').fill(JSON.stringify(demo.disclosureOfValue(demo.over18, 'no')))
      await desk.page.getByRole('tab', { name: 'In words' }).click()
      await desk.page.getByText('being “no”').waitFor()
      await desk.start()
      await desk.click('Scan the QR')
      await desk.pair()
      await desk.click('Get it now', 'Share') // with the value that is asked for
      assert.match(await desk.ends('Proven'), /Over 18\s+no/)
    })
  }

  test('by keyboard alone', async t => {
    const desk = await open(t)
    const { page } = desk
    const focused = () => page.evaluate(() => {
      const at = document.activeElement
      return at === document.body ? '' : (at.innerText || at.labels?.[0]?.innerText || at.labels?.[0]?.textContent || at.id).trim()
    })
    const tabTo = async name => {
      for (let i = 0; i < 60; i++) {
        if (await focused() === name) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`Tab never reaches ${name}; it ends at ${await focused()}`)
    }
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'Skip to the session')
    await tabTo('Show data')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    assert.equal(await page.getByLabel('Show data').isChecked(), true)
    await tabTo('Over 12')
    await page.keyboard.press('Space')
    await tabTo('Always ask for a pairing code')
    await page.keyboard.press('Space')
    await tabTo('Start the session')
    const [outline] = await page.evaluate(() => [getComputedStyle(document.activeElement).outlineStyle])
    assert.equal(outline, 'solid')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement.id === 'session-title') // where it goes on
    await tabTo('Scan the QR')
    await page.keyboard.press('Enter')
    await page.locator('.pairing-code').waitFor()
    await page.waitForFunction(() => document.activeElement.textContent === 'Pairing code')
    const code = await page.locator('.pairing-code').textContent()
    await page.keyboard.press('Shift+Tab')
    for (let i = 0; i < 10 && !(await page.evaluate(() => document.activeElement.id === 'code')); i++) await page.keyboard.press('Shift+Tab')
    await page.keyboard.type(code)
    await page.keyboard.press('Enter')
    await desk.button('Get it now').waitFor()
    await page.waitForFunction(() => document.activeElement !== document.body) // not lost
    await tabTo('Get it now')
    await page.keyboard.press('Enter')
    await desk.button('Share').waitFor()
    await page.waitForFunction(() => document.activeElement.textContent === 'Share this?')
    await tabTo('Share')
    await page.keyboard.press('Enter')
    assert.match(await desk.ends('Proven'), /Over 12\s+yes\s+Over 18\s+yes/)
    await page.waitForFunction(() => document.getElementById('announce').textContent !== '')
    await desk.sound()
  })

  test('a search that finds nothing says so, and keeps what is chosen', async t => {
    const { page } = await open(t)
    await page.getByRole('searchbox').fill('zzz')
    await page.getByText('Nothing has that name; this is what is chosen').waitFor()
    assert.equal(await page.getByRole('checkbox', { name: 'Over 18' }).isChecked(), true)
    await page.getByRole('searchbox').fill('family')
    await page.locator('#found-count').getByText(/^1 found$/).waitFor()
  })

  test('tabs follow the arrows', async t => {
    const { page } = await open(t)
    await page.getByRole('tab', { name: 'In words' }).focus()
    for (const [key, name] of [['ArrowRight', 'JSON'], ['End', 'curl'], ['ArrowRight', 'In words'], ['ArrowLeft', 'curl'], ['Home', 'In words']]) {
      await page.keyboard.press(key)
      assert.equal(await page.getByRole('tab', { selected: true }).textContent(), name)
      assert.equal(await page.getByRole('tabpanel', { name }).isVisible(), true)
    }
  })

  test('landmarks and headings', async t => {
    const { page } = await open(t)
    for (const role of ['banner', 'main']) assert.equal(await page.getByRole(role).count(), 1, role)
    assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), ['1\nYour website asks', '2\nThe session', '3\nThe phone\n(simulated)'])
    for (const name of ['Your website asks', 'The session', 'The phone']) await page.getByRole('region', { name }).waitFor()
  })

  test('the website cancels while the phone asks, or starts another session', async t => {
    const desk = await open(t)
    await desk.start()
    await desk.click('Scan the QR')
    await desk.button('Get it now').waitFor()
    await desk.click('Cancel the session')
    await desk.ends('Cancelled')
    await desk.phone.getByRole('heading', { name: 'That did not work' }).waitFor()
    await desk.start()
    await desk.click('Scan the QR', 'Get it now')
    await desk.button('Share').waitFor()
    await desk.start() // and leaves that one
    await desk.phone.getByRole('heading', { name: 'That did not work' }).waitFor()
    await desk.click('Scan the QR', 'Share')
    await desk.ends('Proven')
    await desk.sound()
  })

  test('a chain of sessions', async t => {
    const chained = await Irmad.start({ command: 'dev', flags: ['--allow-unsigned-callbacks'] })
    t.after(() => chained.stop())
    const followups = await FollowUps.start()
    t.after(() => followups.stop())
    followups.queue(demo.disclosure(demo.familyName))
    const desk = await Desk.open(t, browser, chained)
    await desk.page.getByRole('tab', { name: 'JSON' }).click()
    await desk.page.getByLabel('The session request').fill(JSON.stringify(demo.chained(demo.disclosure(), followups.url)))
    await desk.page.getByRole('tab', { name: 'In words' }).click()
    await desk.page.getByText('is asked for a follow-up session').waitFor()
    await desk.start()
    await desk.click('Scan the QR')
    await desk.pair()
    await desk.click('Get it now', 'Share', 'Get it now', 'Share')
    assert.match(await desk.ends('Proven'), /Over 18\s+yes[^]*familyName\s+Example/)
    assert.deepEqual(await desk.page.locator('.timeline code').allTextContents(), ['INITIALIZED', 'PAIRING', 'CONNECTED', 'DONE', 'CONNECTED', 'DONE'])
    assert.equal((await desk.result()).length, 2)
    await desk.sound()
  })

  test('a session of another program, which pastes its answer', async t => {
    const desk = await open(t)
    const pkg = await irmad.startSession(demo.disclosure())
    assert.match(pkg.sessionPtr.u, /^http:\/\/localhost:/)
    await desk.page.getByText('Scan something else').click()
    const field = desk.page.getByLabel('What your application got')
    await field.fill('{}')
    await desk.click('Scan this')
    await desk.page.getByText('There is no session pointer').waitFor()
    await field.fill(JSON.stringify(pkg))
    await desk.click('Scan this', 'Get it now', 'Share')
    await desk.phone.getByRole('heading', { name: 'Shared' }).waitFor()
    assert.equal((await irmad.result(pkg.token)).proofStatus, 'VALID')
  })

  test('the command of the page starts the same session', async t => {
    const desk = await open(t)
    await desk.page.getByRole('tab', { name: 'curl' }).click()
    const command = await desk.page.locator('#curl').textContent()
    const [, type, body, url] = /^curl -H 'Content-Type: (.*)' \\\n {2}-d '(.*)' \\\n {2}(.*)$/.exec(command)
    const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body })
    assert.equal(answer.status, 200)
    assert.equal((await answer.json()).sessionPtr.irmaqr, 'disclosing')
  })

  test('the QR leads another wallet to the address of the network, and then to this machine', async t => {
    const desk = await open(t)
    const wallet = await Wallet.filled(irmad)
    await desk.start()
    const first = new URL(pointerIn(await desk.scan()).u)
    await desk.page.getByText('Use a real phone').click()
    const addresses = desk.page.getByRole('radio', { name: `:${irmad.port}` })
    if (await addresses.count() > 1) assert.notEqual(first.hostname, 'localhost') // this machine has a network
    await desk.page.getByText('its developer mode is on').waitFor()
    await desk.page.getByText('The app does not know the scheme irmad-demo').waitFor()
    await addresses.last().check().catch(() => {}) // without a network there is no choice
    const pointer = pointerIn(await desk.scan())
    assert.equal(new URL(pointer.u).hostname, 'localhost')
    await wallet.open(pointer).done()
    await desk.ends('Proven')
  })

  test('a page with the usual library works with the default URL', async t => {
    const site = await Site.start()
    t.after(() => site.stop())
    const visit = await Visit.open(browser, site, 'modules')
    t.after(() => visit.close())
    const wallet = await Wallet.filled(irmad)
    await visit.begin(irmad.publicURL, demo.disclosure())
    await wallet.open(pointerIn(await visit.scan())).done()
    await visit.sees(shows.success)
  })
})

test('irmad dev stops and comes back while its page is open', async t => {
  const first = await Irmad.start({ command: 'dev' })
  const browser = await startBrowser()
  t.after(() => browser.close())
  const desk = await Desk.open(t, browser, first)
  await desk.start()
  await first.stop()
  await desk.page.getByRole('alert').getByText('irmad does not answer').waitFor()
  await desk.ends('The session is lost')
  if (process.env.SCREENSHOTS) await desk.page.screenshot({ path: `${process.env.SCREENSHOTS}/dev-stopped.png` })
  const second = await Irmad.start({ command: 'dev', port: first.port })
  t.after(() => second.stop())
  await desk.page.locator('#trouble').waitFor({ state: 'hidden' })
  await desk.start()
  await desk.click('Scan the QR', 'Get it now', 'Share')
  await desk.ends('Proven')
})
