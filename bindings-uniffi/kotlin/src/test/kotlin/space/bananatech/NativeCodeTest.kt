package space.bananatech

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Test

/** A platform without a library is named. */
class NativeCodeTest {
    private val jnas = UnsatisfiedLinkError("Unable to load library")
    private val jar = setOf("linux-x86-64/libbananatech_uniffi.so", "darwin-aarch64/libbananatech_uniffi.dylib")

    @Test
    fun aPlatformThatTheJarIsNotForIsNamed() {
        val error = whyNotLoaded(jnas, "linux-riscv64", jar::contains)
        val expected = "bananatech has no library for linux-riscv64 in its jar (there: linux-x86-64, darwin-aarch64), and none is installed"
        assertEquals(expected, error.message)
        assertSame(jnas, error.cause)
        assertEquals(
            "bananatech has no library for linux-x86-64 in its jar (there: none), and none is installed",
            whyNotLoaded(jnas, "linux-x86-64") { false }.message,
        )
    }

    @Test
    fun whatIsThereAndCannotBeLoadedIsJnasToSay() = assertSame(jnas, whyNotLoaded(jnas, "linux-x86-64", jar::contains))
}
