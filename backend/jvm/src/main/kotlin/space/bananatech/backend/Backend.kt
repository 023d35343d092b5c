package space.bananatech.backend

import java.time.Duration
import java.time.Instant
import java.util.function.Consumer
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import space.bananatech.AnyResponse
import space.bananatech.Assumptions
import space.bananatech.BackendTasks
import space.bananatech.BananaTechException
import space.bananatech.CardId
import space.bananatech.CardState
import space.bananatech.CardTemplate
import space.bananatech.Counts
import space.bananatech.ErrorCode
import space.bananatech.Fee
import space.bananatech.Merchant
import space.bananatech.Notice
import space.bananatech.OperationId
import space.bananatech.Outcome
import space.bananatech.Plan
import space.bananatech.Report
import space.bananatech.Sent
import space.bananatech.Swept
import space.bananatech.ThingId
import space.bananatech.TrackedOperation
import space.bananatech.TransactionId

internal val REST: Duration = Duration.ofSeconds(2)

/** Longer than any rest that is meant, and not too long to be counted. */
private val MAX_REST: Duration = Duration.ofDays(365)

/** What is too long to be counted is as long as can be. */
private val Duration.millis: Long
    get() = try {
        toMillis()
    } catch (_: ArithmeticException) {
        if (isNegative) Long.MIN_VALUE else Long.MAX_VALUE
    }

/**
 * A merchant's backend: any number of instances may share one database. It stores each operation before it is sent, and never sends
 * one twice. What became of each is decided by evidence, in the transaction that stores the evidence, and waits in the database until
 * your own code has taken it.
 *
 * Its functions wait on [Dispatchers.IO]. What was begun is done to its end, also if the coroutine is cancelled meanwhile. What the
 * database throws passes through: [java.sql.SQLException].
 *
 * Code of yours that is to be tested with a fake takes a [CardBackend].
 *
 * @param merchant The merchant.
 * @param assumptions What you assume: whether only this backend acts for its users and cards. All instances must have the same.
 * @param store The database.
 * @param sender Sends requests.
 * @param oneAtATime `false`: recharges and changes of one card's status are sent at once, also while others like them are under way.
 * @param waitAtMost How long an operation may wait for its turn; 15 minutes if it is null. It isn't sent after that, and failed: money that was
 * asked for long ago doesn't move unexpectedly.
 * @param askAfter How long to wait for a webhook before [sweep] asks the API; 10 minutes if it is null. It holds for operations that
 * are sent from now on.
 * @param rest How long [work] rests between rounds.
 * @param onEvent What an operator follows. It is called from any thread, and what it throws is ignored. Unless you say otherwise, the platform's
 * logger `space.bananatech.backend` gets it: what went wrong as warnings, the rest as `DEBUG`.
 * @throws space.bananatech.BananaTechException Caused by the caller: a [waitAtMost], an [askAfter] or a [rest] that is negative
 * (`field.type`).
 */
public class Backend @JvmOverloads constructor(
    merchant: Merchant,
    assumptions: Assumptions,
    store: Store,
    sender: Sender = Sender.jdk(),
    oneAtATime: Boolean = true,
    waitAtMost: Duration? = null,
    askAfter: Duration? = null,
    rest: Duration = REST,
    onEvent: Consumer<in BackendEvent> = BackendLog,
) : CardBackend {
    init {
        if (rest.isNegative) {
            throw BananaTechException.InvalidInput(ErrorCode.FIELD_TYPE, "rest", "rest: expected a time that isn't negative [field.type]")
        }
    }

    private val blocking = BackendBlocking(
        BackendTasks(merchant, assumptions, store.dialect, oneAtATime, waitAtMost?.millis, askAfter?.millis),
        store, sender, onEvent, minOf(rest, MAX_REST).toMillis(),
    )

    /** The same backend for Java, and for threads that may wait. */
    public fun blocking(): BackendBlocking = blocking

    /**
     * Sends an operation that an event confirms. It is stored first, then sent, once.
     *
     * @param reference Your name for it, such as the number of an order: 1 to 200 characters, without personal data. A second request
     * with the same reference isn't carried out.
     * @throws space.bananatech.BananaTechException Caused by the caller: what the plan's rules or the card's state rule out
     * (`state.not_allowed`); a reference that another request had (`tracking.known`); `reference.length`; `operation.unsuitable` for what no
     * event confirms; an `exclusiveSince` that is still to come (`exclusive_since.future`).
     */
    override suspend fun send(plan: Plan, reference: String): Sent = io { send(plan, reference) }

    /**
     * The same for a recharge, with the card's template and how its fee counts: the least that can arrive is known then, so that
     * recharges of unequal amounts can be told apart.
     */
    override suspend fun send(plan: Plan, reference: String, template: CardTemplate, fee: Fee): Sent =
        io { send(plan, reference, template, fee) }

    /**
     * Asks the API something, or sets a PIN: what no event confirms. Of a card's information, what it says of the card's state is
     * kept; nothing else of any answer is stored.
     *
     * @return What the API answered.
     * @throws space.bananatech.BananaTechException Caused by the caller: a plan that an event confirms, or what the card's state rules
     * out. Caused by the API: what [space.bananatech.Call.read] throws.
     * @throws java.io.IOException If no answer came.
     */
    override suspend fun ask(plan: Plan): AnyResponse = io { ask(plan) }

    /**
     * Asks the API now what became of an operation, for somebody who waits for it: [sweep] asks by itself once it is overdue.
     *
     * @return The operation as it is known then. It is still open if the API doesn't say yet, or can't be reached.
     */
    override suspend fun inquire(id: OperationId): TrackedOperation? = io { inquire(id) }

    /**
     * Cancels an operation that still waits for its turn. It failed then. A notice says so, and its reference stays taken.
     *
     * @return It as it is now; null if it doesn't wait (any more): what was sent can't be taken back.
     */
    override suspend fun cancel(id: OperationId): TrackedOperation? = io { cancel(id) }

    /**
     * Takes a webhook's body, exactly as it came. It is stored when this returns, and what it means is told by notices. The webhook is given as
     * well, for what isn't the outcome of an operation, such as a purchase: do what follows from it, also if it came before, and answer 503 if you
     * can't, so that it comes again.
     *
     * @return What to answer. Nothing is thrown.
     */
    public suspend fun receive(rawBody: ByteArray): Received = io { receive(rawBody) }

    /**
     * Works until it is cancelled: [sweep] and, beside it, [deliver], again and again. A round begins at once after a webhook that came to this instance, and
     * else after a [rest]. Run it on each instance. What goes wrong is a [BackendEvent], and the next round tries again.
     *
     * @param take Your code, to which notices are handed: see [deliver].
     */
    public suspend fun work(take: suspend (Notice) -> Unit): Nothing = blocking.work({ sweep() }, { deliver(take) })

    /** Sends what waited for its turn, and asks the API about operations whose webhook didn't come. [work] calls it again and again. */
    public suspend fun sweep(): Swept = io { sweep() }

    /**
     * Hands notices to your own code, in order per card. One for which it threw is given again after a minute, and so is one whose
     * taker was killed: each is given at least once. [work] calls it again and again.
     *
     * @param take Your code.
     * @return How many it took.
     */
    public suspend fun deliver(take: suspend (Notice) -> Unit): Int =
        blocking.deliver({ io { untold() } }, { io { told(it) } }, { take(it) }) { currentCoroutineContext().ensureActive() }

    /** One operation, also one that waits; null if it isn't stored. */
    override suspend fun operation(id: OperationId): TrackedOperation? = io { operation(id) }

    /** The operation with a reference, also one that waits; null if there is none. */
    override suspend fun operationByReference(reference: String): TrackedOperation? = io { operationByReference(reference) }

    /**
     * A card's operations in the order in which they were sent, and after them those that wait. What was forgotten isn't among them, nor is
     * what made the card.
     */
    override suspend fun operationsOf(cardId: CardId): List<TrackedOperation> = io { operationsOf(cardId) }

    /**
     * The operations that aren't settled for sure, at most so many: first those that are doubted or contradicted, then those that are open, the oldest
     * first. Those that wait for their turn aren't among them: see [operationsOf].
     */
    public suspend fun unsettled(most: Int): List<TrackedOperation> = io { unsettled(most) }

    /** What is known of a card; null if nothing is. */
    override suspend fun card(id: CardId): CardState? = io { card(id) }

    /** What an operator watches. */
    public suspend fun counts(): Counts = io { counts() }

    /**
     * Forgets what ended before a time and can't be of use any more, and returns how many rows it forgot. For each card, it forgets up to a
     * quiet time: one with nothing for ten minutes before and after it, and no operation before it that is open, doubted, contradicted or
     * given by count.
     *
     * An operation that was forgotten isn't known any more, so a request with its reference would be sent again: choose a time before which
     * nobody repeats a request. What made a user or a card stays, and so does each card's state. Call it once a day, on one instance.
     */
    public suspend fun forgetBefore(time: Instant): Long = io { forgetBefore(time) }

    /** Notes what a person found out, as [space.bananatech.Tracker.find] does, with its errors. */
    public suspend fun find(id: OperationId, outcome: Outcome, transactionId: TransactionId? = null): Report =
        io { find(id, outcome, transactionId) }

    /** Notes that a request never left, as [space.bananatech.Tracker.withdraw] does, with its errors. */
    public suspend fun withdraw(id: OperationId): Report = io { withdraw(id) }

    /** Notes that a thing is somebody else's, as [space.bananatech.Tracker.nameForeign] does, with its errors. */
    public suspend fun nameForeign(thing: ThingId): Report = io { nameForeign(thing) }

    private suspend fun <R> io(work: BackendBlocking.() -> R): R = withContext(Dispatchers.IO) { blocking.work() }
}
