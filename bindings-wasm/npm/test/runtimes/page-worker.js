// The default entry in a worker of a page: the worker runs the same script as a page, and tells the server itself.
new Worker("/runtimes/page.js", { type: "module" });
