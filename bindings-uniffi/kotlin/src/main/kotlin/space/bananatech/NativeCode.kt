package space.bananatech

import com.sun.jna.NativeLibrary
import com.sun.jna.Platform

private const val NAME = "bananatech_uniffi"

/** All platforms that a jar may have the library for, by JNA's names, and what the file is called there. */
private val FILES = mapOf(
    "linux-x86-64" to "lib$NAME.so",
    "linux-aarch64" to "lib$NAME.so",
    "darwin-x86-64" to "lib$NAME.dylib",
    "darwin-aarch64" to "lib$NAME.dylib",
    "win32-x86-64" to "$NAME.dll",
)

/** The library's name, once it is loaded: JNA keeps it for the functions that are bound next. */
internal fun loadedLibrary(): String {
    try {
        NativeLibrary.getInstance(NAME, Merchant::class.java.classLoader)
    } catch (error: UnsatisfiedLinkError) {
        throw whyNotLoaded(error, Platform.RESOURCE_PREFIX) { Merchant::class.java.getResource("/$it") != null }
    }
    return NAME
}

/** JNA says where it looked. What helps is which platforms the jar is for, if this one isn't among them. */
internal fun whyNotLoaded(error: UnsatisfiedLinkError, platform: String, has: (String) -> Boolean): UnsatisfiedLinkError {
    val there = FILES.filter { (name, file) -> has("$name/$file") }.keys
    if (platform in there) return error
    val others = if (there.isEmpty()) "none" else there.joinToString()
    val text = "bananatech has no library for $platform in its jar (there: $others), and none is installed"
    return UnsatisfiedLinkError(text).apply { initCause(error) }
}
