// Sessions in which the visitor types the pairing code that the wallet shows.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, origins, watching, World } from '../harness/world.js'

for (const origin of origins) {
  describe(`pairing, ${origin} origin`, () => {
    let world
    before(async () => { world = await World.start({ origin }) })
    after(() => world?.stop())

    for (const library of libraries) {
      for (const [method, state] of Object.entries(watching)) {
        test(`${library}, ${method}: a wrong code and the right one`, async t => {
          const visit = await world.visit(t, library)
          await visit.begin(world.api, demo.disclosureOfValue(), state)
          const session = world.wallet.open(pointerIn(await visit.scan()))
          const code = await session.pairingCode()
          await visit.sees(shows.pairing)
          await visit.screenshot(`${library}-pairing`)

          const wrong = String((Number(code) + 1) % 10000).padStart(4, '0')
          await visit.type(wrong)
          await visit.page.getByText(`The pairing code ${wrong} does not match`).waitFor()
          await visit.screenshot(`${library}-pairing-wrong`)
          assert.equal(visit.wire.requests('POST', '/frontend/pairingcompleted').length, 0)

          await visit.type(code)
          await session.done()
          await visit.sees(shows.success)
          const { result } = await visit.outcome()
          assert.equal(result.proofStatus, 'VALID')
          const [completed] = visit.wire.requests('POST', '/frontend/pairingcompleted')
          assert.equal(completed.status, 204)
        })

        test(`${library}, ${method}: cancelled instead of paired`, async t => {
          const visit = await world.visit(t, library)
          await visit.begin(world.api, demo.disclosureOfValue(), state)
          const session = world.wallet.open(pointerIn(await visit.scan()))
          await session.pairingCode()
          await visit.sees(shows.pairing)
          await visit.click('cancel')
          await visit.sees(shows.failure)
          await assert.rejects(session.done(), /rejected/)
        })
      }

      test(`${library}: no pairing without a hint`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosure())
        await visit.scan()
        assert.equal(visit.wire.requests('POST', '/frontend/options').length, 0)
      })

      test(`${library}: no pairing if the website declines it`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosureOfValue(), { pairing: false })
        await world.wallet.open(pointerIn(await visit.scan())).done()
        await visit.sees(shows.success)
        assert.equal(visit.wire.requests('POST', '/frontend/options').length, 0)
      })
    }
  })
}
