// A wallet without a screen: `irmad wallet`, one process per session.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

import { demo } from './requests.js'

/** Wallet keeps its credentials in a file among those of the server. */
export class Wallet {
  constructor (irmad, name = 'wallet') {
    this.irmad = irmad
    this.file = path.join(irmad.dir, `${name}.json`)
  }

  /** Returns a wallet that holds the demo credentials. */
  static async filled (irmad) {
    const wallet = new Wallet(irmad)
    const pkg = await irmad.startSession(demo.issuance())
    await wallet.open(pkg.sessionPtr).done()
    return wallet
  }

  /** Starts doing the session behind a pointer, or a URL that holds one. */
  open (pointer) {
    return new WalletSession(this, typeof pointer === 'string' ? pointer : JSON.stringify(pointer))
  }
}

/** WalletSession is a wallet that is busy with a session. */
class WalletSession {
  constructor ({ irmad, file }, pointer) {
    this.output = ''
    this.process = spawn(irmad.binary, ['wallet', '--file', file, pointer], {
      cwd: irmad.dir, stdio: ['ignore', 'ignore', 'pipe']
    })
    irmad.companions.add(this.process)
    this.process.stderr.setEncoding('utf8').on('data', text => { this.output += text })
    this.closed = once(this.process, 'close')
  }

  /** Returns the pairing code that the wallet shows. */
  async pairingCode () {
    for (;;) {
      const match = /^pairing code: (\d{4})$/m.exec(this.output)
      if (match) return match[1]
      const ended = await Promise.race([
        once(this.process.stderr, 'data').then(() => false),
        this.closed.then(() => true)
      ])
      if (ended) throw new Error(`the wallet showed no pairing code:\n${this.output}`)
    }
  }

  /** Returns when the session, and those chained to it, have succeeded. */
  async done () {
    const [code] = await this.closed
    if (code !== 0) throw new Error(`the wallet ended with ${code}:\n${this.output}`)
  }
}
