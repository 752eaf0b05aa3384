// Reads [{name, url, page}] from standard input, plays each in headless Chromium on a page under the
// host name `page`, and writes {name: result of play() in page.html} to standard output.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const PATIENCE_MS = 60_000;
const files = {
  '/page.html': ['text/html', 'page.html'],
  '/hls.js': ['text/javascript', 'node_modules/hls.js/dist/hls.min.js'],
};
const server = createServer((request, response) => {
  const found = files[request.url];
  response.writeHead(found ? 200 : 404, { 'content-type': found ? found[0] : 'text/plain' });
  response.end(found ? readFileSync(fileURLToPath(new URL(found[1], import.meta.url))) : '');
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--autoplay-policy=no-user-gesture-required',
    '--host-resolver-rules=MAP *.test 127.0.0.1',
  ],
});
const results = {};
try {
  for (const { name, url, page: host } of JSON.parse(readFileSync(0, 'utf8'))) {
    const page = await browser.newPage();
    await page.goto(`http://${host}:${server.address().port}/page.html`);
    results[name] = await page.evaluate(([u, ms]) => play(u, ms), [url, PATIENCE_MS]);
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
process.stdout.write(JSON.stringify(results));
