// Says of each file named after the first argument which of the certificates in that folder (leaf-0.pem, …) a TLS client
// of Node.js accepts with it as its ca option: one line of numbers for each file.
const tls = require('tls'), fs = require('fs'), { Duplex } = require('stream')

function pair() {
  const a = new Duplex({ read() {}, write(data, _, done) { b.push(data); done() } })
  const b = new Duplex({ read() {}, write(data, _, done) { a.push(data); done() } })
  return [a, b]
}

function accepts(folder, file, n) {
  return new Promise(resolve => {
    const [near, far] = pair()
    const pem = name => fs.readFileSync(`${folder}/leaf-${n}.${name}`)
    new tls.TLSSocket(far, { isServer: true, cert: pem('pem'), key: pem('key') }).on('error', () => {})
    tls.connect({ socket: near, ca: fs.readFileSync(file), servername: 'broker.example.test' }, () => resolve(true)).on('error', () => resolve(false))
  })
}

(async () => {
  const [folder, ...files] = process.argv.slice(2)
  for (const file of files) {
    const accepted = []
    for (let n = 0; fs.existsSync(`${folder}/leaf-${n}.pem`); n++) if (await accepts(folder, file, n)) accepted.push(n)
    console.log(accepted.join(' '))
  }
})()
