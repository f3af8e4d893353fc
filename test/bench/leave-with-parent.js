// Loaded first by every process that the bench starts: it ends when its input ends, which it does
// when the bench ends, even by SIGKILL. Plain JavaScript, since npm may run on an older Node.
process.stdin
  .on('end', () => process.kill(process.pid, 'SIGTERM'))
  .resume()
  .unref();
