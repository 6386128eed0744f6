// The requests and commands that the page of irmad dev writes.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const source = await readFile(new URL('../../../cmd/irmad/internal/devpage/assets/request.js', import.meta.url), 'utf8')
const { curl, format, makeRequest } = await import(`data:text/javascript,${encodeURIComponent(source)}`)

test('what is on one card is asked for together', () => {
  assert.deepEqual(makeRequest({ kind: 'disclosing', attributes: ['a.b.c.d', 'a.b.e.f', 'a.b.c.g'] }).disclose,
    [[['a.b.c.d', 'a.b.c.g']], [['a.b.e.f']]])
  assert.deepEqual(makeRequest({ kind: 'signing', attributes: ['a.b.c.d'], message: 'm' }),
    { '@context': 'https://irma.app/ld/request/signature/v2', disclose: [[['a.b.c.d']]], message: 'm' })
  assert.deepEqual(makeRequest({ kind: 'issuing', attributes: [], card: 'a.b.c', values: { d: 'e' } }).credentials,
    [{ credential: 'a.b.c', attributes: { d: 'e' } }])
})

test('JSON is the same after formatting, in lines that can be read', () => {
  for (const value of [null, 1, 'x"y', [], {}, [[['short']]], { a: { b: 'x'.repeat(70), c: [{ d: null }, 'y'.repeat(60)] }, 'e"f': [true] }]) {
    assert.deepEqual(JSON.parse(format(value)), value)
  }
  assert.equal(format({ a: ['x'.repeat(60)], b: [[['c']]] }), `{\n  "a": [\n    "${'x'.repeat(60)}"\n  ],\n  "b": [[["c"]]]\n}`)
})

test('a shell gives curl what is meant', () => {
  for (const message of ["it's", '"quoted"', '$HOME `id` \\ !', 'two\nlines', "'''"]) {
    const command = curl(JSON.stringify({ message }), 'http://localhost:8088/session')
    const args = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' }).split('\0')
    assert.deepEqual(args.slice(0, 3).concat(args[4]), ['-H', 'Content-Type: application/json', '-d', 'http://localhost:8088/session'])
    assert.deepEqual(JSON.parse(args[3]), { message })
  }
  assert.match(curl('{"unfinished', 'http://x/'), /-d '\{"unfinished'/)
})
