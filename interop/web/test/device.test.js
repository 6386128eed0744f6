// Pages on a phone, which has the app itself: a button instead of a QR.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { devices } from 'playwright-core'

import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, World } from '../harness/world.js'

describe('phone', () => {
  let world
  before(async () => { world = await World.start() })
  after(() => world?.stop())

  for (const library of libraries) {
    for (const [device, scheme] of [['iPhone 15', 'https:'], ['Pixel 7', 'intent:']]) {
      test(`${library}, ${device}: the button opens the session`, async t => {
        const visit = await world.visit(t, library, devices[device])
        await visit.begin(world.api, demo.disclosureOfValue())
        await visit.sees(shows.button)
        await visit.screenshot(`${library}-${scheme.slice(0, -1)}`)
        const link = await visit.page.locator(shows.button).getAttribute('href')
        assert.equal(new URL(link).protocol, scheme)

        await world.wallet.open(pointerIn(link)).done() // without pairing: it is the same device
        await visit.sees(shows.success)
        assert.equal(visit.wire.requests('POST', '/frontend/options').length, 0)
      })
    }

    test(`${library}: to the QR and back`, async t => {
      const visit = await world.visit(t, library, devices['iPhone 15'])
      await visit.begin(world.api, demo.disclosureOfValue())
      const options = () => visit.wire.requests('POST', '/frontend/options')
        .map(x => [JSON.parse(x.body).pairingMethod, x.status])
      await visit.click('chooseQR')
      await visit.scan()
      assert.deepEqual(options(), [['pin', 200]])
      await visit.click('checkUserAgent')
      await visit.sees(shows.button)
      assert.deepEqual(options(), [['pin', 200], ['none', 200]])

      const link = await visit.page.locator(shows.button).getAttribute('href')
      await world.wallet.open(pointerIn(link)).done()
      await visit.sees(shows.success)
    })
  }
})
