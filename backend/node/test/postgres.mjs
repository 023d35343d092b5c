// A PostgreSQL of the tests' own, in a folder of its own, for as long as they run.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const { Pool } = createRequire(join(process.env.BANANATECH_TOOLS_BACKEND, "package.json"))("pg");

/** Runs something that ends when its standard input does, and with this process. */
export const start = (program, args) => spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });

export const freePort = () =>
  new Promise((resolve) => {
    const socket = createServer().listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

const SERVER = `
"$0/initdb" --pgdata="$1" --username=tests --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null
"$0/postgres" -D "$1" -h 127.0.0.1 -p "$2" -k "$1" -c fsync=off >/dev/null 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT $server
wait $server || true
rm -rf "$1"`;

/** Where PostgreSQL's programs are, if it is installed. */
const programs = () => {
  try {
    const [version] = readdirSync("/usr/lib/postgresql").sort((one, other) => other - one);
    return version && `/usr/lib/postgresql/${version}/bin`;
  } catch {
    return undefined;
  }
};

/** Why a test on PostgreSQL is left out, if it is. */
export const skip = programs() === undefined && "PostgreSQL isn't installed";
if (skip && process.env.CI === "true") throw new Error(skip);

let server;
const pools = [];

/** A pool of a new database, with these options of `pg`, in a server that is started at first use. */
export const database = async (name, options) => {
  if (!server) {
    const [port, folder] = [await freePort(), join(tmpdir(), `bananatech-postgres-node-${process.pid}`)];
    const user = process.getuid() === 0 ? ["runuser", "-u", "postgres", "--"] : ["env"];
    server = { port, child: start(user[0], [...user.slice(1), "sh", "-c", SERVER, programs(), folder, String(port)]) };
  }
  const connect = (database) => {
    const pool = new Pool({ host: "127.0.0.1", port: server.port, user: "tests", database, ...options });
    // Whoever keeps a pool listens: a connection that isn't used may be lost.
    return pool.on("error", () => {});
  };
  for (;;) {
    const pool = connect("postgres");
    try {
      await pool.query(`CREATE DATABASE ${name}`);
      break;
    } catch (error) {
      // It is starting.
      if (!["ECONNREFUSED", "57P03"].includes(error.code)) throw error;
      await sleep(50);
    } finally {
      await pool.end();
    }
  }
  const pool = connect(name);
  pools.push(pool);
  return pool;
};

/** How a program connects to a database that was made. */
export const connectionString = (name) => `postgres://tests@127.0.0.1:${server.port}/${name}`;

/** Ends all of it. */
export const stop = async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  server?.child.stdin.end();
};
