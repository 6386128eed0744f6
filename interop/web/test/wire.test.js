// What the libraries ask of the server, and how often.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { demo } from '../harness/requests.js'
import { pointerIn, shows } from '../harness/visit.js'
import { libraries, watching, World } from '../harness/world.js'

describe('watching a session', () => {
  let world
  before(async () => { world = await World.start({ origin: 'cross' }) })
  after(() => world?.stop())

  for (const library of libraries) {
    test(`${library}: polling is authorised`, async t => {
      const visit = await world.visit(t, library)
      await visit.begin(world.api, demo.disclosure(), watching.polling)
      await polled(visit, 2)
      assert.equal(visit.wire.streams.length, 0)
      for (const poll of visit.wire.polls) assert.match(poll.headers.authorization, /^[A-Za-z0-9]{20}$/)
    })

    test(`${library}: with events, an idle page does not poll`, async t => {
      const visit = await world.visit(t, library)
      await visit.page.clock.install()
      await visit.begin(world.api, demo.disclosure())
      await streaming(visit)
      await visit.page.clock.runFor(60_000)
      await visit.page.evaluate(() => fetch('/')) // later than any request of before
      assert.equal(visit.wire.polls.length, 0)
      assert.equal(visit.wire.streams.length, 1)

      await world.wallet.open(pointerIn(await visit.scan())).done()
      await visit.sees(shows.success)
      assert.equal(visit.wire.polls.length, 0)
      assert.equal(visit.wire.streams.length, 1)
    })

    test(`${library}: a stream that opens late begins with the status`, async t => {
      const visit = await world.visit(t, library)
      const paired = delayStream(visit)
      await visit.begin(world.api, demo.disclosureOfValue())
      const session = world.wallet.open(pointerIn(await visit.scan()))
      const code = await session.pairingCode()
      paired()
      await visit.type(code)
      await session.done()
      await visit.sees(shows.success)
    })

    test(`${library}: a stream that opens after the session`, async t => {
      const visit = await world.visit(t, library)
      const done = delayStream(visit)
      await visit.begin(world.api, demo.disclosure())
      await world.wallet.open(pointerIn(await visit.scan())).done()
      done()
      await visit.sees(shows.success)
    })
  }

  test('bundle: the stream is authorised', async t => {
    const visit = await world.visit(t, 'bundle')
    await visit.begin(world.api, demo.disclosure())
    const stream = await streaming(visit)
    assert.match(stream.headers.authorization, /^[A-Za-z0-9]{20}$/)
    assert.equal(stream.type, 'Fetch')
  })

  test("modules: the stream is the browser's own and cannot be authorised", async t => {
    const visit = await world.visit(t, 'modules')
    await visit.begin(world.api, demo.disclosure())
    const stream = await streaming(visit)
    assert.equal(stream.headers.authorization, undefined)
    assert.equal(stream.type, 'EventSource')
    await world.wallet.open(pointerIn(await visit.scan())).done()
    await visit.sees(shows.success)
    assert.deepEqual(stream.events.map(e => JSON.parse(e)), [{ status: 'CONNECTED' }, { status: 'DONE' }])
  })
})

describe('a server without events', () => {
  let world
  before(async () => { world = await World.start({ origin: 'cross', flags: ['--sse=false'] }) })
  after(() => world?.stop())

  for (const library of libraries) {
    test(`${library}: the page polls at once`, async t => {
      const visit = await world.visit(t, library)
      await visit.begin(world.api, demo.disclosure())
      await polled(visit, 1)
      const [stream] = visit.wire.streams
      assert.notEqual(stream.status, 200)
      assert.ok(visit.wire.polls[0].started - stream.started < 1, 'before the library loses its patience')

      await world.wallet.open(pointerIn(await visit.scan())).done()
      await visit.sees(shows.success)
    })
  }
})

/** Returns when the page has had so many answers to polls. */
async function polled (visit, times) {
  await visit.page.waitForResponse(answer =>
    answer.url().endsWith('/frontend/status') && visit.wire.polls.length >= times)
}

/** Holds back the page's request for a stream until the returned function is called. */
function delayStream (visit) {
  let release
  const released = new Promise(resolve => { release = resolve })
  visit.page.route('**/statusevents', async route => {
    await released
    await route.continue()
  })
  return release
}

/** Returns the stream of the page when it is open. */
async function streaming (visit) {
  await visit.sees(shows.qr)
  for (let tries = 0; tries < 100; tries++) {
    const [stream] = visit.wire.streams
    if (stream?.status === 200) return stream
    assert.equal(visit.wire.polls.length, 0, 'the page polls')
    await visit.page.evaluate(() => fetch('/'))
  }
  throw new Error('the page has no stream')
}
