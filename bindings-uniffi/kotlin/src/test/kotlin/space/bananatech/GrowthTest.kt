package space.bananatech

import java.io.File
import java.lang.management.ManagementFactory
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Nothing that crosses the border stays behind. */
class GrowthTest {
    /** A leak of 100 bytes per call would be ten million. */
    private val bound = 3_000_000L

    /**
     * In a process of its own whose heap is there from the start, so that what its resident memory grows by isn't the heap, and
     * whose compiler is soon done.
     */
    @Test
    fun memoryDoesntGrowWithCalls() {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val process = ProcessBuilder(
            java, "-Xms48m", "-Xmx48m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-cp", System.getProperty("java.class.path"), Growth::class.java.name,
        ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val lines = process.inputStream.bufferedReader().readLines()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        assertEquals(0, process.exitValue(), "$lines")
        val (resident, heap) = lines.single().split(' ').map { it.toLong() }
        println("memory after ${Growth.CALLS} calls: ${resident / 1000} kB more, of Java's heap ${heap / 1000} kB")
        assertTrue(resident < bound, "$resident bytes more are resident")
        assertTrue(heap < bound, "$heap bytes more are in use")
    }
}

internal object Growth {
    const val CALLS = 100_000

    @JvmStatic
    fun main(arguments: Array<String>) = merchant().use { merchant ->
        val body = merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(rechargeResult()))
        val forged = body.clone().also { it[40] = (it[40].toInt() xor 1).toByte() }
        fun work(calls: Int) = repeat(calls / 10) {
            merchant.call(RECHARGE)
            merchant.receive(body)
            assertThrows<BananaTechException.NotAuthentic> { merchant.receive(forged) }
            plan(RECHARGE)
            repeat(3) { assertThrows<BananaTechException.InvalidInput> { pin(Redacted("12")) } }
            repeat(3) { assertThrows<BananaTechException.InvalidInput> { plan(RECHARGE.copy(cardId = CardId(-1))) } }
        }
        // Until compilers and caches take no more.
        work(CALLS / 10)
        val (residentBefore, heapBefore) = memory()
        work(CALLS)
        val (residentAfter, heapAfter) = memory()
        println("${residentAfter - residentBefore} ${heapAfter - heapBefore}")
    }

    /**
     * Resident and heap bytes, once no more is collected: JNA frees native memory in a thread of its own when its owner was, and on
     * a busy machine that takes a while.
     */
    private fun memory(): Pair<Long, Long> {
        var least = Long.MAX_VALUE
        var unchanged = 0
        while (unchanged < 5) {
            System.gc()
            Thread.sleep(50)
            val heap = ManagementFactory.getMemoryMXBean().heapMemoryUsage.used
            unchanged = if (heap < least - 10_000) 0 else unchanged + 1
            least = minOf(least, heap)
        }
        val resident = File("/proc/self/statm").readText().split(' ')[1].toLong() * 4096
        return resident to least
    }
}
