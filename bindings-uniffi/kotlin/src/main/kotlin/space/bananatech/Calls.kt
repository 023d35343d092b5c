@file:JvmName("Calls")

package space.bananatech

import java.io.IOException
import java.time.Instant
import java.util.UUID
import java.util.concurrent.atomic.AtomicBoolean
import java.util.stream.Stream
import kotlin.streams.asStream

/**
 * A sealed operation: the request to send, and the reader of its answer. It is a [ConfirmedCall] if an event confirms the operation.
 *
 * @param R what the answer holds.
 */
public open class Call<out R> internal constructor(
    private val merchant: Merchant,
    /** What was sealed. A PIN or card number is in it. */
    public val operation: AnyOperation,
    iv: ByteArray?,
    private val typed: (AnyResponse) -> R,
) {
    /** What to send. Send it once: an operation that moves money has no idempotency key. */
    public val request: SealedRequest = merchant.seal(operation, iv)

    private val isSent = AtomicBoolean()

    /**
     * Whether [sendOnce] was called for it, which the senders of this library do before they send, and nobody found out that nothing left after
     * all ([noteNotSent]). If code of yours sends [request] without that, this says nothing. If all your senders call it, and it is false,
     * nothing was sent: [Tracker.withdraw] it.
     */
    public val wasSent: Boolean get() = isSent.get()

    /**
     * Notes that it is sent now. A sender of yours calls this before it sends.
     *
     * @throws IllegalStateException if it was sent before. Sent again, it may move money twice.
     */
    public fun sendOnce() {
        check(isSent.compareAndSet(false, true)) { "this call was sent before: sent again, it may move money twice" }
    }

    /**
     * Notes that nothing of the request left after all, and nothing will: [wasSent] is false again. A sender of yours calls this only if that is
     * sure, before it throws [NotSentException]. Never send a call whose operation was withdrawn: it counts as failed.
     */
    public fun noteNotSent(): Unit = isSent.set(false)

    /**
     * Reads the answer.
     *
     * @param status Its HTTP status.
     * @param body Its body as it came.
     * @throws BananaTechException [BananaTechException.Rejected] (BananaTech refused, and nothing was done). After the others it
     * isn't known whether the operation was carried out, and the [Tracker] will tell: [BananaTechException.NotKnown] (the answer, HTTP 500
     * for example, doesn't say), [BananaTechException.NotAuthentic] (it doesn't open, or is the request itself),
     * [BananaTechException.Unexpected] (it isn't what the contract says).
     */
    @Throws(BananaTechException::class)
    public fun read(status: Int, body: ByteArray): R = answer(status, body).response

    /** Reads the answer, as [read] does, and tells how it was sealed. */
    @Throws(BananaTechException::class)
    public fun answer(status: Int, body: ByteArray): Answer<R> {
        val answer = merchant.read(operation.kind, status, body, request.body)
        return Answer(typed(answer.response), answer.response, answer.sealedWith, answer.raw)
    }
}

/**
 * A call of an operation that an event confirms, such as [Recharge]: the answer only acknowledges it.
 *
 * @param R what the answer holds.
 */
public class ConfirmedCall<out R> internal constructor(
    merchant: Merchant,
    operation: AnyOperation,
    iv: ByteArray?,
    typed: (AnyResponse) -> R,
) : Call<R>(merchant, operation, iv, typed) {
    /**
     * What to wait for: store it in the [Tracker], and that, before the request is sent, so that the operation is known after a
     * crash or a time-out too.
     *
     * @param sentAt When the request is sent, by your clock.
     * @param id Your own name for it, a random one unless you give one.
     * @param askAt From when on the API is to be asked, if nothing came until then: 10 minutes after it was sent, unless you say it.
     * @param reference What it is about, such as an order's number.
     */
    @JvmOverloads
    @Throws(BananaTechException::class)
    public fun tracked(
        sentAt: Instant,
        id: OperationId = UUID.randomUUID(),
        askAt: Instant? = null,
        reference: String? = null,
    ): TrackedOperation = checkNotNull(tracked(operation, id, sentAt, askAt, reference)) { "no event confirms it" }

    /** The same in Java, where arguments have no names: with its reference, and what else there is as it is by default. */
    @Throws(BananaTechException::class)
    public fun tracked(sentAt: Instant, reference: String): TrackedOperation =
        tracked(sentAt, UUID.randomUUID(), null, reference)
}

/** A call of an operation of any kind: one that came in a plan. */
public class AnyCall internal constructor(merchant: Merchant, operation: AnyOperation, iv: ByteArray?) :
    Call<AnyResponse>(merchant, operation, iv, { it }) {
    /** As [ConfirmedCall.tracked]; null if no event confirms the operation. */
    @JvmOverloads
    @Throws(BananaTechException::class)
    public fun tracked(
        sentAt: Instant,
        id: OperationId = UUID.randomUUID(),
        askAt: Instant? = null,
        reference: String? = null,
    ): TrackedOperation? = tracked(operation, id, sentAt, askAt, reference)

    /** The same in Java, where arguments have no names: with its reference, and what else there is as it is by default. */
    @Throws(BananaTechException::class)
    public fun tracked(sentAt: Instant, reference: String): TrackedOperation? =
        tracked(sentAt, UUID.randomUUID(), null, reference)
}

/**
 * A successful answer.
 *
 * @property response What it holds.
 * @property any The same among those of all operations, as [Tracker.acknowledge] takes it.
 * @property sealedWith The id of the key that opened it; null if it came as plain JSON, so that nothing vouches for it.
 * @property raw Its exact text, opened: all that was answered, what isn't understood too.
 */
public data class Answer<out R>(
    public val response: R,
    public val any: AnyResponse,
    public val sealedWith: String?,
    public val raw: Json,
)

/**
 * The request's body wasn't given to anybody, so nobody can have carried it out: no connection could be made, or not in time. [Tracker.withdraw] it.
 * You may try again, as a new operation.
 *
 * @param cause Why.
 * @param request What didn't leave. The message names its host, and keeps nothing else of it.
 */
public class NotSentException @JvmOverloads constructor(cause: Throwable, request: SealedRequest? = null) :
    IOException("the request${request?.let { " to ${it.url.host}" }.orEmpty()} didn't leave: $cause", cause)

/**
 * What came over HTTP, not read yet.
 *
 * @property status The HTTP status.
 * @property body The body as it came.
 */
public class HttpAnswer(public val status: Int, public val body: ByteArray)

/**
 * Seals an operation of any kind: one that came in a plan ([checkPlan]). Look at it first: who may do what is not for the plan to
 * say.
 *
 * @param iv For tests: 16 bytes in place of randomness.
 */
@JvmOverloads
@Throws(BananaTechException::class)
public fun Merchant.call(operation: AnyOperation, iv: ByteArray? = null): AnyCall = AnyCall(this, operation, iv)

/**
 * Only this system acts for its users and cards since then, and nothing of theirs was under way. Let it lie more than five minutes back: by itself,
 * an event of the first five minutes settles nothing.
 */
public fun Assumptions.Companion.exclusiveSince(since: Instant): Assumptions = Assumptions(exclusiveSince = since)

/** Others act for the same users and cards too: the vendor's console, another system. */
public fun Assumptions.Companion.shared(): Assumptions = Assumptions(exclusiveSince = null)

/** Sends a call for a page: a `client.execute(call)`, for example. */
public fun interface PageSender<P> {
    /** Sends the call's request, and answers what [Call.read] does. Whatever is thrown ends the list. */
    @Throws(Exception::class)
    public fun send(call: Call<P>): P
}

/**
 * The records of a list, page by page: each page is asked for when the records before it are used up. What the [PageSender] throws comes out
 * where the records are read. Java's compiler doesn't know of it there: `catch (Exception error)` takes an [IOException] too.
 */
public class Records<T> internal constructor(private val walk: (ended: (Pages) -> Unit) -> Iterator<T>) : Sequence<T> {
    /**
     * How the list ended when it was last read to its end: whether it is complete and was stable. Null until then; reading it anew
     * begins with null.
     */
    @Volatile
    public var end: Pages? = null
        private set

    override fun iterator(): Iterator<T> {
        end = null
        return walk { end = it }
    }

    /** The same for Java's `for (var record : records.asIterable())`. */
    public fun asIterable(): Iterable<T> = Iterable { iterator() }

    /** The same for Java, as a stream. */
    public fun stream(): Stream<T> = asStream()
}

/**
 * A list's pages, one by one, for code that doesn't send as [Merchant.pages] does. Send what [next] returns, and give its answer to
 * [accept].
 */
public class PageWalk<P, T> internal constructor(
    private val merchant: Merchant,
    private val list: AnyOperation,
    private val typed: (AnyResponse) -> P,
    private val any: (P) -> AnyResponse,
    private val records: (P) -> List<T>,
) {
    /** How far it is; after the last page, whether the list is complete and was stable. */
    public var pages: Pages = pages(list)
        private set

    /** The next page's call; null at the end. */
    @Throws(BananaTechException::class)
    public fun next(): Call<P>? = pages.next()?.let { Call(merchant, it, null, typed) }

    /** Takes a page; the records in it. */
    @Throws(BananaTechException::class)
    public fun accept(page: P): List<T> {
        pages = pages.accept(any(page))
        return records(page)
    }

    /** The same list from its start. */
    public fun again(): PageWalk<P, T> = PageWalk(merchant, list, typed, any, records)

    internal fun records(sender: PageSender<P>): Records<T> = Records { ended ->
        iterator {
            val walk = again()
            while (true) yieldAll(walk.accept(sender.send(walk.next() ?: break)))
            ended(walk.pages)
        }
    }
}
