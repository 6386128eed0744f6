// Disclosures with frontends that poll the status of their session.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, origins, World } from '../harness/world.js'

const polling = { serverSentEvents: false }

for (const origin of origins) {
  describe(`polling, ${origin} origin`, () => {
    let world
    before(async () => { world = await World.start(origin) })
    after(() => world?.stop())

    for (const library of libraries) {
      test(`${library}: discloses`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosure(), polling)
        const pointer = pointerIn(await visit.scan())
        await visit.screenshot(`${library}-${origin}-qr`)
        assert.equal(pointer.irmaqr, 'disclosing')
        assert.ok(pointer.u.startsWith(`${world.api}/irma/session/`), pointer.u)

        await world.wallet.open(pointer).done()
        await visit.sees(shows.success)
        await visit.screenshot(`${library}-${origin}-success`)
        const { result } = await visit.outcome()
        assert.equal(result.status, 'DONE')
        assert.equal(result.proofStatus, 'VALID')
        assert.deepEqual(result.disclosed.map(con => con.map(attr => [attr.id, attr.rawvalue])), [[[demo.over18, 'yes']]])
        assert.equal(visit.wire.requests('GET', '/statusevents').length, 0)
        assert.equal(visit.wire.requests('DELETE', '').length, 0)
      })

      test(`${library}: the wallet lacks the attribute`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosure('irmad-demo.gov.root.bsn'), polling)
        const session = world.wallet.open(pointerIn(await visit.scan()))
        await assert.rejects(session.done(), /lacks|missing/i)
        await visit.sees(shows.failure)
        await visit.screenshot(`${library}-${origin}-cancelled`)
      })

      test(`${library}: the website aborts`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosure(), polling)
        const pointer = pointerIn(await visit.scan())
        const answer = visit.page.waitForResponse(r => r.request().method() === 'DELETE')
        await visit.page.evaluate(() => window.abort())
        assert.deepEqual(await visit.outcome(), { error: 'Aborted' })
        assert.equal((await answer).status(), 200)
        const [cancel] = visit.wire.requests('DELETE', '')
        assert.equal(cancel.url, pointer.u)
        assert.equal(cancel.headers.authorization, undefined)
        assert.equal(await (await fetch(`${pointer.u}/status`)).json(), 'CANCELLED')
      })

      test(`${library}: polls with its authorization`, async t => {
        const visit = await world.visit(t, library)
        await visit.begin(world.api, demo.disclosure(), polling)
        await visit.sees(shows.qr)
        const path = '/frontend/status'
        await visit.page.waitForResponse(answer =>
          answer.url().endsWith(path) && visit.wire.requests('GET', path).length > 1)
        for (const poll of visit.wire.requests('GET', path)) {
          assert.match(poll.headers.authorization, /^[A-Za-z0-9]{20}$/)
        }
      })
    }
  })
}
