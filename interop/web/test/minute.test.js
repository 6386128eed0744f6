// Pages that wait for more than a minute: longer than a session may last here,
// and longer than the server lets other answers take.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, watching, World } from '../harness/world.js'

const overAMinute = 65_000

describe('after a minute', { concurrency: true }, () => {
  let short, long
  before(async () => {
    short = await World.start({ flags: ['--max-session-lifetime', '1'] })
    long = await World.start({ origin: 'cross' })
  })
  after(() => Promise.all([short?.stop(), long?.stop()]))

  for (const library of libraries) {
    for (const [method, state] of Object.entries(watching)) {
      test(`${library}, ${method}: the page learns that the session expired`, async t => {
        const visit = await short.visit(t, library)
        await visit.begin(short.api, demo.disclosure(), state)
        await visit.scan()
        await visit.sees(shows.timeout, overAMinute)
        await visit.screenshot(`${library}-timeout`)
        if (method === 'events') assert.equal(visit.wire.polls.length, 0)
      })
    }

    test(`${library}: the stream is still open`, async t => {
      const visit = await long.visit(t, library)
      await visit.begin(long.api, demo.disclosure())
      const pointer = pointerIn(await visit.scan())
      await new Promise(resolve => setTimeout(resolve, overAMinute))
      await long.wallet.open(pointer).done()
      await visit.sees(shows.success)
      assert.equal(visit.wire.streams.length, 1)
      assert.equal(visit.wire.polls.length, 0)
    })
  }
})
