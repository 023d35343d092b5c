// A target of C needs a source; the library is all that it is for.
// The functions are in the library that this target links. On Linux, Swift's compiler reads from this section of an object file what else
// to tell the linker: so the manifest needs no unsafe flag.
#ifdef __ELF__
__attribute__((section(".swift1_autolink_entries"), used)) static const char entries[] =
    "-L" BANANATECH_LIB "\0-lbananatech_uniffi";
#endif
