// Chained sessions: the page follows all of them with one authorization.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { FollowUps } from '../harness/followups.js'
import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, origins, watching, World } from '../harness/world.js'

for (const origin of origins) {
  describe(`chain, ${origin} origin`, () => {
    let world
    before(async () => { world = await World.start({ origin, flags: ['--allow-unsigned-callbacks'] }) })
    after(() => world?.stop())

    for (const library of libraries) {
      for (const [method, state] of Object.entries(watching)) {
        test(`${library}, ${method}: three sessions`, async t => {
          const followups = await FollowUps.start()
          t.after(() => followups.stop())
          followups.queue(
            demo.chained(demo.disclosure(demo.familyName), followups.url),
            demo.issuance()
          )
          const visit = await world.visit(t, library)
          await visit.begin(world.api, demo.chained(demo.disclosure(), followups.url), state)
          const session = world.wallet.open(pointerIn(await visit.scan()))
          await visit.type(await session.pairingCode())
          await session.done()
          await visit.sees(shows.success)

          const { result } = await visit.outcome()
          assert.equal(result.status, 'DONE')
          assert.match(result.nextSession, /^[A-Za-z0-9]{20}$/)
          assert.deepEqual(followups.results.map(r => r.type), ['disclosing', 'disclosing'])
          assert.equal(followups.results[0].token, result.token)
          const last = await world.irmad.result((await world.irmad.result(result.nextSession)).nextSession)
          assert.deepEqual([last.type, last.status], ['issuing', 'DONE'])

          assert.equal(watched(visit.wire).size, 3)
          assertSecretsAreAuthorised(visit.wire)
        })
      }
    }
  })
}

/** Returns the URLs of the sessions that the page watched. */
function watched (wire) {
  return new Set([...wire.polls, ...wire.streams].map(x => x.url.replace(/\/frontend\/.*/, '')))
}

/** Whoever has no authorization must not learn where the chain goes on. */
function assertSecretsAreAuthorised (wire) {
  const authorizations = new Set([...wire.polls, ...wire.streams].map(x => x.headers.authorization))
  authorizations.delete(undefined)
  assert.equal(authorizations.size, 1)
  for (const stream of wire.streams.filter(x => !x.headers.authorization)) {
    assert.doesNotMatch(stream.events.join(), /nextSession/)
  }
}
