// A requestor's backend in Node.js with the published irma-backend.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import IrmaBackend from '@privacybydesign/irma-backend'

import { Irmad } from '../harness/irmad.js'
import { demo } from '../harness/requests.js'
import { Wallet } from '../harness/wallet.js'

for (const [method, flags] of [['events', []], ['polling', ['--sse=false']]]) {
  describe(`backend, ${method}`, () => {
    let irmad, wallet, backend
    before(async () => {
      irmad = await Irmad.start({ flags })
      wallet = await Wallet.filled(irmad)
      backend = new IrmaBackend(irmad.url)
    })
    after(() => irmad?.stop())

    /** Collects the statuses of a session until it ends. */
    function watch (token) {
      const seen = []
      return new Promise((resolve, reject) => backend.subscribeStatusEvents(token, (err, status) => {
        if (err) return reject(new Error(`watching: ${err}`))
        seen.push(status)
        if (['DONE', 'CANCELLED', 'TIMEOUT'].includes(status)) resolve(seen)
      }))
    }

    test('discloses', async () => {
      const { token, sessionPtr } = await backend.startSession(demo.disclosure())
      assert.equal(await backend.getSessionStatus(token), 'INITIALIZED')
      const statuses = watch(token)
      await wallet.open(sessionPtr).done()
      assert.equal((await statuses).at(-1), 'DONE')
      assert.equal(await backend.getSessionStatus(token), 'DONE')
      const result = await backend.getSessionResult(token)
      assert.equal(result.proofStatus, 'VALID')
      assert.equal(result.disclosed[0][0].rawvalue, 'yes')
    })

    test('issues', async () => {
      const { token, sessionPtr } = await backend.startSession(demo.issuance())
      await new Wallet(irmad, 'other').open(sessionPtr).done()
      const result = await backend.getSessionResult(token)
      assert.deepEqual([result.type, result.status], ['issuing', 'DONE'])
    })

    test('cancels', async () => {
      const { token } = await backend.startSession(demo.disclosure())
      const statuses = watch(token)
      await backend.cancelSession(token)
      assert.equal((await statuses).at(-1), 'CANCELLED')
      assert.equal((await backend.getSessionResult(token)).status, 'CANCELLED')
    })

    test('learns that a session is unknown', async () => {
      await assert.rejects(async () => {
        try {
          await backend.getSessionStatus('01234567890123456789')
        } catch (text) { // the library throws strings
          throw new Error(text)
        }
      }, /400/)
    })

    test('learns that a request is refused', async () => {
      await assert.rejects(async () => {
        try {
          await backend.startSession(demo.disclosure('irmad-demo.gov.unknown.attribute'))
        } catch (text) {
          throw new Error(text)
        }
      }, /400/)
    })
  })
}
