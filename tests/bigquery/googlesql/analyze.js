'use strict';
// Analyzes SQL statements with GoogleSQL's own analyzer (ZetaSQL), which knows BigQuery's types.
//
// node analyze.js < {"tables": [{"name": "p.d.t", "columns": [{"name", "type"}]}],
//                    "statements": [{"name", "sql", "produces": "p.d.t" or null}]}
// prints [{"name", "columns": [{"name", "type"}]} or {"name", "error"}]. Statements come in the
// order in which they depend on each other.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const grpc = require('@grpc/grpc-js');
const protobuf = require('protobufjs');

const library = path.join(path.dirname(require.resolve('@fivetrandevelopers/zetasql')), 'zetasql');

// The package's server, on a socket in a directory of its own. The shell around it kills it when
// our end of the pipe closes, so that it never outlives this process.
function startServer() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'googlesql-'));
  const binary = path.join(library, process.arch === 'arm64' ? 'remote_server_arm.so' : 'remote_server.so');
  const script = '"$0" "unix:$1/s" 0 </dev/null >"$1/log" 2>&1 & read -r _; kill -9 $!; rm -rf "$1"';
  spawn('/bin/sh', ['-c', script, binary, directory], { stdio: ['pipe', 'ignore', 'ignore'] }).unref();
  return 'unix:' + path.join(directory, 's:0'); // the server appends ":<port>"
}

// Expressions and scans are left out of the answers: they nest too deep to be decoded.
function loadProtocol() {
  const root = new protobuf.Root();
  const standard = path.dirname(require.resolve('protobufjs/package.json'));
  root.resolvePath = (_, file) => file.startsWith('google/protobuf/')
    ? path.join(standard, file) : path.join(library, 'protos', file);
  root.loadSync('local_service.proto', { keepCase: true });
  for (const type of root.lookup('zetasql').nestedArray) {
    if (!(type instanceof protobuf.Type)) continue;
    for (const field of [...type.fieldsArray]) {
      if (/^AnyResolved(Expr|Scan)Proto$/.test(field.type)) type.remove(field);
    }
  }
  return root;
}

function connect(address, protocol) {
  const name = 'zetasql.local_service.ZetaSqlLocalService';
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 200,
  });
  return (method, request) => new Promise((resolve, reject) => {
    const { resolvedRequestType, resolvedResponseType } =
      protocol.lookupService(name).methods[method].resolve();
    const deadline = Date.now() + 60000;
    client.waitForReady(deadline, (failed) => failed ? reject(failed) : client.makeUnaryRequest(
      `/${name}/${method}`,
      (message) => resolvedRequestType.encode(resolvedRequestType.fromObject(message)).finish(),
      (bytes) => resolvedResponseType.decode(bytes),
      request, { deadline }, (error, answer) => error ? reject(error) : resolve(answer),
    ));
  });
}

function typeName(type, kinds) {
  const name = kinds[type.type_kind].replace('TYPE_', '');
  return { DOUBLE: 'FLOAT64', FLOAT: 'FLOAT32' }[name] || name;
}

// One nested catalog per part of the name p.d.t.
function catalogOf(tables, language) {
  const root = { name: 'root', builtin_function_options: { language_options: language }, catalog: [] };
  for (const [fullName, columns] of tables) {
    const parts = fullName.split('.');
    let at = root;
    for (const part of parts.slice(0, -1)) {
      let next = at.catalog.find((child) => child.name === part);
      if (!next) at.catalog.push(next = { name: part, catalog: [], table: [] });
      at = next;
    }
    at.table.push({ name: parts[parts.length - 1], full_name: fullName, column: columns });
  }
  return root;
}

function outputColumns(answer) {
  const query = answer.resolved_statement.resolved_query_stmt_node;
  return query.output_column_list.map((column) => ({ name: column.name, type: column.column.type }));
}

async function main() {
  const input = JSON.parse(fs.readFileSync(0, 'utf8'));
  const protocol = loadProtocol();
  const kinds = protocol.lookupEnum('zetasql.TypeKind').valuesById;
  const call = connect(startServer(), protocol);
  const features = await call('GetLanguageOptions', { maximum_features: true });
  const language = {
    product_mode: 'PRODUCT_EXTERNAL', // BigQuery's names of types
    name_resolution_mode: 'NAME_RESOLUTION_DEFAULT',
    enabled_language_features: features.enabled_language_features,
    reserved_keywords: ['QUALIFY'],
  };
  const options = {
    language_options: language, error_message_mode: 'ERROR_MESSAGE_ONE_LINE', default_timezone: 'UTC',
  };
  const analyze = async (sql, tables) => outputColumns(await call('Analyze', {
    options, simple_catalog: catalogOf(tables, language), sql_statement: sql,
  }));

  const tables = new Map();
  const types = new Map();
  for (const table of input.tables) {
    for (const { type } of table.columns) { // the analyzer itself reads a type's name
      if (!types.has(type)) types.set(type, (await analyze(`select cast(null as ${type}) as x`, []))[0].type);
    }
    tables.set(table.name, table.columns.map((c) => ({ name: c.name, type: types.get(c.type) })));
  }
  const results = [];
  for (const { name, sql, produces } of input.statements) {
    try {
      const columns = await analyze(sql, tables);
      if (produces) tables.set(produces, columns);
      results.push({ name, columns: columns.map((c) => ({ name: c.name, type: typeName(c.type, kinds) })) });
    } catch (error) {
      if (error.code !== grpc.status.INVALID_ARGUMENT) throw error;
      results.push({ name, error: error.details });
    }
  }
  fs.writeFileSync(1, JSON.stringify(results));
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(2); });
