// Solves a puzzle: searches for a number with which SHA-256 begins with enough zero bits. A worker, so that the page stays quick.
// It has SHA-256 of its own (FIPS 180-4), because that of browsers takes a promise for each digest and is twenty times slower.
"use strict";

const start = new Int32Array(8);
const constants = new Int32Array(64);
const words = new Int32Array(64);

// The first bits of the fractions of square and cube roots of the first primes.
for (let found = 0, number = 2; found < 64; number += 1) {
  let divisor = 2;
  while (divisor * divisor <= number && number % divisor) divisor += 1;
  if (divisor * divisor <= number) continue;
  if (found < 8) start[found] = (Math.sqrt(number) % 1) * 2 ** 32;
  constants[found] = (Math.cbrt(number) % 1) * 2 ** 32;
  found += 1;
}

// Mixes one block of 16 words into the state.
const mix = (state, block) => {
  for (let i = 0; i < 16; i += 1) words[i] = block[i];
  for (let i = 16; i < 64; i += 1) {
    const x = words[i - 15];
    const y = words[i - 2];
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = words[i - 16] + low + words[i - 7] + high;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + sum1 + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
};

const digest = (text) => {
  const bytes = new TextEncoder().encode(text);
  const padded = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
  bytes.forEach((byte, at) => padded.setUint8(at, byte));
  padded.setUint8(bytes.length, 0x80);
  padded.setUint32(padded.byteLength - 4, bytes.length * 8);
  const state = start.slice();
  for (let at = 0; at < padded.byteLength; at += 64) {
    mix(state, Array.from({ length: 16 }, (_, word) => padded.getInt32(at + 4 * word)));
  }
  return state;
};

const solve = (puzzle) => {
  const bits = Number.parseInt(puzzle, 10);
  const state = new Int32Array(8);
  const block = new Int32Array(16);
  block.set(digest(puzzle));
  block[10] = 0x80000000;
  block[15] = 320;
  for (let number = 0; ; number += 1) {
    block[8] = number / 2 ** 32;
    block[9] = number;
    state.set(start);
    mix(state, block);
    if (Math.clz32(state[0]) >= bits) return `${puzzle}.${number}`;
  }
};

addEventListener("message", (event) => postMessage(solve(event.data)));
