package space.bananatech

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** A panic would be a bug of the library: it is told as one, and costs nothing else. */
class PanicTest {
    @Test
    fun aPanicIsAnExceptionAndTheLibraryWorksOn() = merchant().use { merchant ->
        repeat(3) {
            assertEquals("as a test asked for", assertThrows<InternalException> { testingPanic() }.message)
            assertEquals("CARD_3DS", eventFacts(merchant.event("CARD_3DS", "{}")).eventType)
        }
    }
}
