// What `bananatech/plan` exports: until the crate can be built without key and cipher, all that there is.
export * from "./api.js";
