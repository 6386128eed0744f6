// A requestor's backend in Node.js with the published irma-backend and irma-jwt.

import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import { after, before, describe, test } from 'node:test'

import IrmaBackend from '@privacybydesign/irma-backend'
import IrmaJwt from '@privacybydesign/irma-jwt'

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
      await refused(backend.getSessionStatus('01234567890123456789'), 400)
    })

    test('learns that a request is refused', async () => {
      await refused(backend.startSession(demo.disclosure('irmad-demo.gov.unknown.attribute')), 400)
    })
  })
}

/** Checks that the server answers with an error. The library throws strings. */
async function refused (answer, status) {
  await answer.then(
    value => assert.fail(`not refused: ${JSON.stringify(value)}`),
    text => assert.match(text, new RegExp(`Status: ${status} `))
  )
}

describe('authenticated backend', () => {
  const rsa = () => generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
  const secret = randomBytes(32)
  const token = randomBytes(16).toString('hex')
  const keys = rsa()
  const serverKeys = rsa()
  const signers = {
    hmac: new IrmaJwt('hmac', { secretKey: secret, iss: 'shared' }),
    publickey: new IrmaJwt('publickey', { secretKey: keys.privateKey, iss: 'signing' })
  }

  let irmad, wallet
  before(async () => {
    const everything = { disclose_perms: ['*'] }
    const requestors = {
      shared: { auth_method: 'hmac', key: secret.toString('base64'), ...everything },
      signing: { auth_method: 'publickey', key: keys.publicKey, ...everything },
      bearer: { auth_method: 'token', key: token, ...everything },
      limited: { auth_method: 'token', key: `${token}-limited`, disclose_perms: [demo.familyName] }
    }
    irmad = await Irmad.start({
      flags: [
        '--no-auth=false', '--requestors', JSON.stringify(requestors),
        '--disclose-perms=', '--jwt-privkey', serverKeys.privateKey, '--jwt-issuer', 'our server'
      ]
    })
    wallet = new Wallet(irmad)
  })
  after(() => irmad?.stop())

  /** Returns the claims of a result, verified without a library. */
  function claims (jwt, key) {
    const [header, payload, signature] = jwt.split('.')
    assert.equal(JSON.parse(Buffer.from(header, 'base64url')).alg, 'RS256')
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), createPublicKey(key), Buffer.from(signature, 'base64url')))
    return JSON.parse(Buffer.from(payload, 'base64url'))
  }

  /** The ways to send a request with authentication. */
  const senders = {
    hmac: request => new IrmaBackend(irmad.url).startSession(signers.hmac.signSessionRequest(request)),
    publickey: request => new IrmaBackend(irmad.url).startSession(signers.publickey.signSessionRequest(request)),
    token: request => new IrmaBackend(irmad.url, { serverToken: token }).startSession(request)
  }
  const requests = {
    issuing: demo.issuance(), // first: it fills the wallet
    disclosing: demo.disclosure(),
    signing: demo.signature('I owe you everything')
  }

  for (const [method, start] of Object.entries(senders)) {
    for (const [type, request] of Object.entries(requests)) {
      test(`${method}, ${type}`, async () => {
        const backend = new IrmaBackend(irmad.url)
        const { token, sessionPtr } = await start({ validity: 60, request })
        assert.equal(sessionPtr.irmaqr, type)
        await wallet.open(sessionPtr).done()

        const key = await backend.getServerPublicKey()
        assert.equal(key, serverKeys.publicKey)
        const jwt = await backend.getSessionResultJwt(token)
        const result = claims(jwt, key)
        assert.deepEqual(new IrmaJwt('publickey', { publicKey: key }).verify(jwt), result)
        assert.throws(() => new IrmaJwt('publickey', { publicKey: keys.publicKey }).verify(jwt), /invalid signature/)

        const { iss, sub, iat, exp, ...rest } = result
        assert.deepEqual([iss, sub, exp - iat], ['our server', `${type}_result`, 60])
        assert.deepEqual(rest, await backend.getSessionResult(token))
        assert.deepEqual([rest.token, rest.type, rest.status, rest.proofStatus], [token, type, 'DONE', 'VALID'])
        if (type !== 'issuing') assert.equal(rest.disclosed[0][0].rawvalue, 'yes')
        if (type === 'signing') assert.equal(rest.signature.message, 'I owe you everything')
      })
    }
  }

  test('takes a request without @context', async () => {
    const { token, sessionPtr } = await senders.hmac({
      type: 'disclosing', content: [{ label: 'Age', attributes: [demo.over18] }]
    })
    await wallet.open(sessionPtr).done()
    const result = await new IrmaBackend(irmad.url).getSessionResult(token)
    assert.deepEqual([result.proofStatus, result.disclosed[0].rawvalue], ['VALID', 'yes'])
  })

  const signed = (method, options, request = demo.disclosure()) => new IrmaJwt(method, options).signSessionRequest(request)
  const bad = {
    'no authentication': [demo.disclosure, 400],
    'wrong secret': [() => signed('hmac', { secretKey: randomBytes(32), iss: 'shared' }), 400],
    'secret of somebody else': [() => signed('hmac', { secretKey: secret, iss: 'other' }), 400],
    'wrong private key': [() => signed('publickey', { secretKey: rsa().privateKey, iss: 'signing' }), 400],
    'other method than configured': [() => signed('hmac', { secretKey: keys.publicKey, iss: 'signing' }), 400],
    'request changed after signing': [() => {
      const [header, payload, signature] = signed('hmac', { secretKey: secret, iss: 'shared' }).split('.')
      const text = Buffer.from(payload, 'base64url').toString().replace('over18', 'over21')
      return [header, Buffer.from(text).toString('base64url'), signature].join('.')
    }, 400],
    'signed too long ago': [() => {
      const part = value => Buffer.from(JSON.stringify(value)).toString('base64url')
      const iat = Math.floor(Date.now() / 1000) - 3600
      const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'verification_request', iss: 'shared', iat, sprequest: { request: demo.disclosure() } })}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }, 403]
  }
  for (const [name, [make, status]] of Object.entries(bad)) {
    test(`refuses: ${name}`, () => refused(new IrmaBackend(irmad.url).startSession(make()), status))
  }

  test('refuses: wrong token', () => refused(new IrmaBackend(irmad.url, { serverToken: `${token}x` }).startSession(demo.disclosure()), 403))

  test('refuses: attributes that the requestor may not ask for', async () => {
    const backend = new IrmaBackend(irmad.url, { serverToken: `${token}-limited` })
    await refused(backend.startSession(demo.disclosure(demo.over18)), 403)
    const { token: session } = await backend.startSession(demo.disclosure(demo.familyName))
    assert.equal(await backend.getSessionStatus(session), 'INITIALIZED')
  })
})
