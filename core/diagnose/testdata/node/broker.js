// A broker in Node.js that requires client certificates, on one port with TLS 1.2 and on one with TLS 1.3. Its argument
// is the folder of ca.pem, server.crt and server.key; a second one, if any, lists the signature algorithms that it takes.
// It prints its ports and ends when its input does.
'use strict'
const fs = require('fs')
const path = require('path')
const tls = require('tls')
const broker = require('aedes')()

const folder = process.argv[2]
const read = (name) => fs.readFileSync(path.join(folder, name))

const listen = (version) => new Promise((resolve) => {
  const server = tls.createServer({
    key: read('server.key'),
    cert: read('server.crt'),
    ca: read('ca.pem'),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: version,
    maxVersion: version,
    // Node.js's own default; distributions that build it on their OpenSSL have a stricter one.
    ciphers: tls.DEFAULT_CIPHERS + ':@SECLEVEL=1',
    sigalgs: process.argv[3]
  }, broker.handle)
  server.listen(0, '127.0.0.1', () => resolve(server.address().port))
})

Promise.all([listen('TLSv1.2'), listen('TLSv1.3')]).then((ports) => console.log('ready', ...ports))
process.stdin.on('end', () => process.exit(0)).resume()
