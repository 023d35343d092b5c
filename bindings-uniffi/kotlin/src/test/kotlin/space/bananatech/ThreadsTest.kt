package space.bananatech

import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** One merchant, one memory of deliveries and one tracker, shared by many threads. */
class ThreadsTest {
    private val count = 16

    /** Runs it on all threads at once; what each answers. */
    private fun <R> together(work: (Int) -> R): List<R> {
        val pool = Executors.newFixedThreadPool(count)
        val start = CountDownLatch(count)
        try {
            val futures = List(count) { thread ->
                pool.submit(
                    Callable {
                        start.countDown()
                        start.await()
                        work(thread)
                    },
                )
            }
            return futures.map { it.get(60, TimeUnit.SECONDS) }
        } finally {
            pool.shutdownNow()
        }
    }

    @Test
    fun threadsShareAMerchantAndAMemoryOfDeliveries() = merchant().use { merchant ->
        RecentDeliveries().use { recent ->
            val rounds = 50
            val news = together { thread ->
                (0 until rounds).count { round ->
                    val number = thread * rounds + round
                    val recharge = RECHARGE.copy(cardId = CardId(number.toLong()))
                    val call = merchant.call(recharge, IV)
                    assertEquals(testedElsewhere(number), call.request.body, "thread $thread")
                    val answer = call.answer(200, merchant.testAnswer(Redacted("""{"message":"$number"}""")))
                    assertEquals("$number", answer.response.message?.expose())
                    // Every event comes to every second thread: exactly one of them is the first.
                    val user = UserId((round + rounds * (thread % 2)).toLong())
                    val data = """{"user_id":$user,"status":"APPROVED"}"""
                    val delivery = merchant.receive(merchant.testWebhook("USER_CREATE_RESULT", Redacted(data)))
                    assertEquals(user, (delivery.event as Event.UserCreateResult).data.userId)
                    recent.remember(delivery.fingerprint) == Novelty.NEW
                }
            }
            assertEquals(2 * rounds, news.sum())
        }
    }

    @Test
    fun threadsShareATracker() = merchant().use { merchant ->
        Tracker(Assumptions.exclusiveSince(LONG_BEFORE)).use { tracker ->
            val rounds = 50
            together { thread ->
                for (number in thread * rounds until (thread + 1) * rounds) {
                    tracker.store(merchant.call(RECHARGE.copy(cardId = CardId(number.toLong()))).tracked(SENT_AT))
                }
            }
            assertEquals(count * rounds, tracker.operations().size)
            val settled = together { thread ->
                // Every event comes to two threads: one of them is told how the operation ended.
                (thread * rounds until (thread + 2) * rounds).sumOf { event ->
                    val number = event % (count * rounds)
                    val data = rechargeResult(number + 1).replace("67890", "$number")
                    tracker.receive(merchant.receive(merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(data)))).settled.size
                }
            }
            assertEquals(count * rounds, settled.sum())
        }
    }

    private val alone by lazy { merchant() }

    /** The same, sealed by a merchant that isn't shared. */
    private fun testedElsewhere(number: Int): String = synchronized(alone) {
        alone.call(RECHARGE.copy(cardId = CardId(number.toLong())), IV).request.body
    }

    /** A call that runs ends well, and so may those that overlap with it; then the merchant is gone. */
    @Test
    fun closingWhileCallsRunEndsThemInOrder() {
        repeat(30) { round ->
            val merchant = merchant()
            val body = merchant.testWebhook("CARD_3DS", Redacted("{}"))
            together { thread ->
                try {
                    for (calls in 0..round) {
                        if (thread == 0 && calls == round) merchant.close()
                        if (thread % 2 == 0) merchant.call(RECHARGE) else merchant.receive(body)
                    }
                } catch (_: IllegalStateException) {
                    // The only way in which a closed one answers.
                }
            }
            assertThrows<IllegalStateException> { merchant.receive(body) }
        }
    }
}
