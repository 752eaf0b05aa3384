// Guards playback: a CloudFront Function (viewer request, JavaScript runtime 2.0).
//
// Each play domain has an entry in the KeyValueStore (chalicelib/playback/edge_config.py writes it):
// a digit, the number of values it is spread over, then JSON:
//   {"v": seconds a URL is good beyond its timestamp, "k": [keys], "s": secret shared with the origin,
//    "n": 1 if openings are counted, "r"/"u"/"i": limits of referer, user agent, address}
// A limit is {"a": 1 to allow what matches, 0 to refuse it, "p": [patterns]}; "e": 1 lets requests
// without a referer pass; "f" is where addresses come from: "c"onnection, "f"orwarded, "b"oth.
import cf from 'cloudfront';
import crypto from 'crypto';

const store = cf.kvs();
const OPEN = { 'access-control-allow-origin': { value: '*' } };

async function handler(event) {
  const request = event.request;
  if (request.method === 'OPTIONS') return preflight();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return answer(405, 'Method Not Allowed', 'Only GET and HEAD play.');
  }
  const host = header(request, 'host').split(':')[0].toLowerCase();
  const domain = await configuration(host);
  if (!domain) return refuse('This is no play domain.');
  if (request.uri === '/crossdomain.xml') return request; // public by its nature
  const addresses = addressesOf(event, domain.i ? domain.i.f : 'c');
  const limit = refusedBy(domain, request, addresses);
  if (limit) return refuse('The domain does not allow this ' + limit + '.');
  const now = Math.floor(Date.now() / 1000);
  const path = request.uri;
  // What lies here has proofs of its own, which the origin checks: a key's token, a private ticket.
  if (path.startsWith('/keys/')) return toOrigin(request, domain, host, path, addresses[0], now);
  const counting = path.startsWith('/admit/');
  const target = counting ? path.slice(6) : path;
  const key = parameter(request, 'auth_key');
  if (domain.k.length && !isSigned(target, key, domain, now)) {
    return refuse("The URL's auth_key is missing, wrong or expired.");
  }
  if (counting || namesOthers(target)) {
    request.uri = counting ? '/admit' : '/manifest';
    return toOrigin(request, domain, host, target, addresses[0], now);
  }
  if (domain.n) {
    const grant = parameter(request, 'grant');
    if (!grant) return redirect('/admit' + target + '?auth_key=' + key);
    if (!isGranted(grant, target, addresses[0], domain, now)) {
      return refuse('The URL was opened from another address.');
    }
  }
  request.querystring = {};
  return request;
}

// Manifests, and indexes of thumbnails: the origin signs what they name.
function namesOthers(path) {
  if (path.endsWith('.m3u8') || path.endsWith('.mpd')) return true;
  return path.endsWith('.vtt') && path.includes('/snapshots/webvtt/');
}

async function configuration(host) {
  try {
    const first = await store.get(host);
    let text = first.slice(1);
    for (let part = 1; part < Number(first[0]); part++) text += await store.get(host + '/' + part);
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}

function header(request, name) {
  const found = request.headers[name];
  return found ? found.value : '';
}

function parameter(request, name) {
  const found = request.querystring[name];
  return found ? found.value : '';
}

// ---- limits ---------------------------------------------------------------------------------------

function addressesOf(event, from) {
  const connection = event.viewer.ip;
  const forwarded = header(event.request, 'x-forwarded-for').split(',')[0].trim() || connection;
  if (from === 'f') return [forwarded];
  return from === 'b' && forwarded !== connection ? [connection, forwarded] : [connection];
}

function refusedBy(domain, request, addresses) {
  const r = domain.r;
  if (r) {
    const site = siteOf(header(request, 'referer'));
    const passes = site ? isAny(r.p, (p) => isOfSite(site, p)) === !!r.a : !!r.e;
    if (!passes) return 'referer';
  }
  const u = domain.u;
  if (u) {
    const agent = header(request, 'user-agent').toLowerCase();
    if (isAny(u.p, (p) => matches(agent, p)) !== !!u.a) return 'user agent';
  }
  const i = domain.i;
  if (i && i.p.length) {
    const digits = addresses.map(digitsOf);
    // Looked at together, every address must be allowed, and none refused.
    const passes = i.a
      ? digits.every((d) => isAny(i.p, (p) => isWithin(d, p)))
      : !digits.some((d) => isAny(i.p, (p) => isWithin(d, p)));
    if (!passes) return 'address';
  }
  return '';
}

function isAny(patterns, test) {
  for (let n = 0; n < patterns.length; n++) if (test(patterns[n])) return true;
  return false;
}

function siteOf(referer) {
  const found = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:]*)/i.exec(referer);
  return found ? found[1].toLowerCase() : referer.toLowerCase();
}

// "example.com" stands for its subdomains, too.
function isOfSite(site, pattern) {
  return matches(site, pattern) || matches(site, '*.' + pattern);
}

// "*" stands for any characters, none included.
function matches(text, pattern) {
  const parts = pattern.split('*');
  const last = parts.length - 1;
  if (last === 0) return text === pattern;
  if (!text.startsWith(parts[0])) return false;
  let at = parts[0].length;
  for (let n = 1; n < last; n++) {
    const found = text.indexOf(parts[n], at);
    if (found < 0) return false;
    at = found + parts[n].length;
  }
  return text.length - parts[last].length >= at && text.endsWith(parts[last]);
}

// An address as "4" or "6" and its hexadecimal digits; a network is the same with "/bits".
function digitsOf(address) {
  const mapped = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address);
  if (mapped) return '4' + mapped.slice(1).map((part) => hex(Number(part), 2)).join('');
  const halves = address.split('::');
  const head = halves[0] ? halves[0].split(':') : [];
  const tail = halves[1] ? halves[1].split(':') : [];
  const gap = halves.length > 1 ? Math.max(0, 8 - head.length - tail.length) : 0;
  return '6' + head.concat(Array(gap).fill('0'), tail).map((g) => hex(parseInt(g, 16), 4)).join('');
}

function hex(number, digits) {
  return number.toString(16).padStart(digits, '0');
}

function isWithin(digits, network) {
  const slash = network.indexOf('/');
  const bits = Number(network.slice(slash + 1));
  const whole = 1 + (bits >> 2);
  if (digits.slice(0, whole) !== network.slice(0, whole)) return false;
  const shift = 4 - (bits & 3);
  return shift === 4 || parseInt(digits[whole], 16) >> shift === parseInt(network[whole], 16) >> shift;
}

// ---- signatures -----------------------------------------------------------------------------------

// Type A: auth_key={timestamp}-{rand}-{uid}-{md5 of "path-timestamp-rand-uid-key"}.
function isSigned(path, given, domain, now) {
  const parts = given.split('-');
  if (parts.length !== 4 || !/^\d{1,12}$/.test(parts[0])) return false;
  if (Number(parts[0]) + domain.v < now) return false;
  const text = path + '-' + parts[0] + '-' + parts[1] + '-' + parts[2] + '-';
  return domain.k.some((key) =>
    isSame(crypto.createHash('md5').update(text + key).digest('hex'), parts[3]));
}

// grant={expiry}.{hmac}: the origin has counted this opening, for this address alone.
function isGranted(grant, path, address, domain, now) {
  const parts = grant.split('.');
  if (parts.length !== 2 || !(Number(parts[0]) >= now)) return false;
  return isSame(sealed(domain, ['grant', path, address, parts[0]]), parts[1]);
}

function sealed(domain, parts) {
  return crypto.createHmac('sha256', domain.s).update(parts.join('\n')).digest('hex');
}

function isSame(one, other) {
  if (one.length !== other.length) return false;
  let differences = 0;
  for (let n = 0; n < one.length; n++) differences |= one.charCodeAt(n) ^ other.charCodeAt(n);
  return differences === 0;
}

// ---- answers --------------------------------------------------------------------------------------

// The origin believes these headers only with the seal: it can be reached without the edge.
function toOrigin(request, domain, host, path, address, now) {
  const set = { 'domain': host, 'path': path, 'address': address, 'time': String(now) };
  set.seal = sealed(domain, ['edge', host, path, address, set.time]);
  for (const name in set) request.headers['x-openvod-' + name] = { value: set[name] };
  return request;
}

function answer(status, description, text) {
  const headers = { 'content-type': { value: 'text/plain; charset=utf-8' }, 'cache-control': { value: 'no-store' } };
  return { statusCode: status, statusDescription: description, headers: Object.assign(headers, OPEN), body: { encoding: 'text', data: text } };
}

function refuse(reason) {
  return answer(403, 'Forbidden', reason);
}

function redirect(location) {
  const headers = { location: { value: location }, 'cache-control': { value: 'no-store' } };
  return { statusCode: 302, statusDescription: 'Found', headers: Object.assign(headers, OPEN) };
}

function preflight() {
  const headers = {
    'access-control-allow-methods': { value: 'GET, HEAD, OPTIONS' },
    'access-control-allow-headers': { value: '*' },
    'access-control-max-age': { value: '86400' },
  };
  return { statusCode: 204, statusDescription: 'No Content', headers: Object.assign(headers, OPEN) };
}
