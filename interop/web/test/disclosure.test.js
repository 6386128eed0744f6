// Disclosures in a page, from QR to result, and the ways they can go wrong.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, origins, watching, World } from '../harness/world.js'

for (const origin of origins) {
  describe(`disclosure, ${origin} origin`, () => {
    let world
    before(async () => { world = await World.start({ origin }) })
    after(() => world?.stop())

    for (const library of libraries) {
      for (const [method, state] of Object.entries(watching)) {
        test(`${library}, ${method}: succeeds`, async t => {
          const visit = await world.visit(t, library)
          await visit.begin(world.api, demo.disclosure(), state)
          const pointer = pointerIn(await visit.scan())
          await visit.screenshot(`${library}-qr`)
          assert.equal(pointer.irmaqr, 'disclosing')
          assert.ok(pointer.u.startsWith(`${world.api}/irma/session/`), pointer.u)

          await world.wallet.open(pointer).done()
          await visit.sees(shows.success)
          await visit.screenshot(`${library}-success`)
          const { result } = await visit.outcome()
          assert.equal(result.status, 'DONE')
          assert.equal(result.proofStatus, 'VALID')
          assert.deepEqual(result.disclosed.map(con => con.map(attr => [attr.id, attr.rawvalue])), [[[demo.over18, 'yes']]])
          assert.equal(visit.wire.requests('DELETE', '').length, 0)
        })

        test(`${library}, ${method}: the wallet lacks the attribute`, async t => {
          const visit = await world.visit(t, library)
          await visit.begin(world.api, demo.disclosure('irmad-demo.gov.root.bsn'), state)
          const session = world.wallet.open(pointerIn(await visit.scan()))
          await assert.rejects(session.done(), /lacks|missing/i)
          await visit.sees(shows.failure)
          await visit.screenshot(`${library}-cancelled`)

          await visit.click('restart')
          const again = pointerIn(await visit.scan())
          assert.equal(await status(again), 'INITIALIZED')
        })

        test(`${library}, ${method}: the requestor cancels`, async t => {
          const visit = await world.visit(t, library)
          await visit.begin(world.api, demo.disclosure(), state)
          await visit.scan()
          const [start] = visit.wire.requests('POST', '/session')
          const { token } = await visit.wire.body(start)
          const answer = await fetch(`${world.irmad.url}/session/${token}`, { method: 'DELETE' })
          assert.equal(answer.status, 200)
          await visit.sees(shows.failure)
        })
      }

      test(`${library}: the website aborts`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosure())
        const pointer = pointerIn(await visit.scan())
        const answer = visit.page.waitForResponse(r => r.request().method() === 'DELETE')
        await visit.page.evaluate(() => window.abort())
        assert.deepEqual(await visit.outcome(), { error: 'Aborted' })
        assert.equal((await answer).status(), 200)
        const [cancel] = visit.wire.requests('DELETE', '')
        assert.equal(cancel.url, pointer.u)
        assert.equal(cancel.headers.authorization, undefined)
        assert.equal(await status(pointer), 'CANCELLED')
      })
    }
  })
}

async function status (pointer) {
  return await (await fetch(`${pointer.u}/status`)).json()
}
