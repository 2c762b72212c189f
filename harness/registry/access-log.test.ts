import { describe, expect, it } from 'vitest'

import { delivered, parseAccessLog } from './access-log.ts'

/** Lines of distribution v3.1.2 as it wrote them, without the fields that are the same in all. */
const blob = 'sha256:7c63acb9192988f34edb0e25e3ac80d97ca32a518e1d0ffebd25d3a5ab1abb98'
const lines = {
  listening: `{"go.version":"go1.26.8","level":"info","msg":"listening on [::]:5000","time":"2026-11-21T13:03:32.485183588Z"}`,
  base: `{"http.request.host":"localhost:32768","http.request.id":"01a1fe29-ebe9-7579-8605-95fa4866c88b","http.request.method":"GET","http.request.remoteaddr":"172.19.0.1:33266","http.request.uri":"/v2/","http.request.useragent":"curl/7.88.1","http.response.contenttype":"application/json","http.response.duration":"798.367µs","http.response.status":200,"http.response.written":2,"level":"info","msg":"response completed","time":"2026-11-21T12:52:02.66615643Z"}`,
  unknownTag: `{"err.code":"manifest unknown","err.detail":"unknown tag=x","err.message":"manifest unknown","http.request.host":"localhost:32768","http.request.id":"01a1fe29-ebf3-745c-b800-7c24bf8b9d6a","http.request.method":"HEAD","http.request.remoteaddr":"172.19.0.1:33272","http.request.uri":"/v2/a/b/manifests/x","http.request.useragent":"curl/7.88.1","http.response.contenttype":"application/json","http.response.duration":"438.983µs","http.response.status":404,"http.response.written":95,"level":"error","msg":"response completed with error","time":"2026-11-21T12:52:02.675721963Z","vars.name":"a/b","vars.reference":"x"}`,
  brokenOff: `{"http.request.host":"upstream.test:5000","http.request.id":"01a1fe37-b057-791d-8fe1-d856a374b793","http.request.method":"GET","http.request.remoteaddr":"172.20.0.10:49690","http.request.uri":"/v2/clusterproof/large/blobs/${blob}?ns=upstream.test:5000","http.request.useragent":"curl/8.14.1","http.response.contenttype":"application/octet-stream","http.response.duration":"59.162005ms","http.response.status":200,"http.response.written":36896768,"level":"info","msg":"response completed","time":"2026-11-21T13:07:04.978817486Z","vars.digest":"${blob}","vars.name":"clusterproof/large"}`,
  upload: `{"http.request.id":"01a1fe33-2ec7-7815-8ff0-4273e96de118","http.request.method":"PUT","http.request.remoteaddr":"[fd00::1]:57974","http.request.uri":"/v2/clusterproof/small/blobs/uploads/01a1fe33-2ec7-7815-8ff0-4273e96de118?_state=x","http.response.duration":"1m4.5s","http.response.status":201,"http.response.written":0,"level":"info","msg":"response completed","time":"2026-11-21T13:02:10.290Z"}`,
}

describe('parseAccessLog', () => {
  it('reads a blob that was asked for and broken off, with the query left out', () => {
    const took = 59.162005
    const [request, ...more] = parseAccessLog(`${lines.listening}\n${lines.brokenOff}\n`)
    expect(more).toHaveLength(0)
    expect(request).toStrictEqual({
      at: expect.closeTo(Date.parse('2026-11-21T13:07:04.978Z') + 0.817486 - took, 2),
      tookMs: took,
      method: 'GET',
      path: `/v2/clusterproof/large/blobs/${blob}`,
      kind: 'blob',
      repository: 'clusterproof/large',
      reference: blob,
      status: 200,
      bytes: 36_896_768,
      from: '172.20.0.10',
    })
  })

  it('counts no bytes for HEAD, of which the log has those of the error that is not sent', () => {
    const [request] = parseAccessLog(lines.unknownTag)
    expect(request).toMatchObject({ kind: 'manifest', repository: 'a/b', reference: 'x', status: 404, bytes: 0 })
  })

  it('tells what is neither manifest nor blob', () => {
    const [base, upload] = parseAccessLog(`${lines.base}\n${lines.upload}`)
    expect(base).toMatchObject({ kind: 'other', path: '/v2/', repository: null, reference: null, bytes: 2 })
    expect(base?.tookMs).toBeCloseTo(0.798367)
    expect(upload).toMatchObject({
      kind: 'other',
      repository: 'clusterproof/small',
      reference: null,
      tookMs: 64_500,
      from: '[fd00::1]',
    })
  })

  it('is in the order of asking, from the given moment on', () => {
    const origin = Date.parse('2026-11-21T12:52:00Z')
    const requests = parseAccessLog([lines.brokenOff, lines.upload, lines.base].join('\n'), origin)
    expect(requests.map(({ method, kind }) => `${method} ${kind}`)).toStrictEqual([
      'GET other',
      'PUT other',
      'GET blob',
    ])
    expect(requests[0]?.at).toBeCloseTo(2_666.15643 - 0.798367, 2)
  })

  it('leaves out the marks', () => {
    expect(parseAccessLog(lines.base.replace('"/v2/"', '"/v2/?clusterproof-mark=7f2a"'))).toHaveLength(0)
  })

  it('takes a request with several errors for one, and passes over what is no line of the log', () => {
    const text = `panic: runtime error\n${lines.unknownTag}\n${lines.unknownTag}\n{"msg":"response completed"}\n\n`
    expect(parseAccessLog(text)).toHaveLength(1)
  })
})

describe('delivered', () => {
  it.each([
    ['GET', 200, true],
    ['GET', 206, true],
    ['GET', 404, false],
    ['GET', 307, false],
    ['HEAD', 200, false],
  ])('%s answered with %i: %s', (method, status, expected) => {
    expect(delivered({ method, status })).toBe(expected)
  })
})
