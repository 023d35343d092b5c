// Prints the raw, gzip and brotli sizes of a JSON list of lists of files, each summed up in a line.
const zlib = require("node:zlib"), fs = require("node:fs");
for (const files of JSON.parse(process.argv[1])) {
  const sum = (size) => files.reduce((all, file) => all + size(fs.readFileSync(file)), 0);
  console.log(
    sum((bytes) => bytes.length),
    sum((bytes) => zlib.gzipSync(bytes, { level: 9 }).length),
    sum((bytes) => zlib.brotliCompressSync(bytes).length),
  );
}
