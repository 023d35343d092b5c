package space.bananatech.backend

import java.io.IOException
import java.sql.SQLException
import java.time.Instant
import java.util.function.Consumer
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeoutOrNull
import space.bananatech.AnyResponse
import space.bananatech.BackendReply
import space.bananatech.BackendResult
import space.bananatech.BackendStep
import space.bananatech.BackendTask
import space.bananatech.BackendTasks
import space.bananatech.BackendUntold
import space.bananatech.BananaTechException
import space.bananatech.CardId
import space.bananatech.CardState
import space.bananatech.CardTemplate
import space.bananatech.Counts
import space.bananatech.Delivery
import space.bananatech.ErrorCode
import space.bananatech.Fee
import space.bananatech.NotSentException
import space.bananatech.Notice
import space.bananatech.OperationId
import space.bananatech.Outcome
import space.bananatech.Plan
import space.bananatech.Report
import space.bananatech.SealedRequest
import space.bananatech.Sent
import space.bananatech.Swept
import space.bananatech.ThingId
import space.bananatech.TrackedOperation
import space.bananatech.TransactionId
import space.bananatech.eventFacts

/** For so long no other instance has the notices that this one was given. */
private const val LEASE_NANOS = 60_000_000_000

/** Takes a notice. */
public fun interface NoticeTaker {
    /** Returns once it is taken. Whatever is thrown says that it isn't. */
    @Throws(Exception::class)
    public fun take(notice: Notice)
}

/** What became of a webhook: answer it with [status]. */
public sealed class Received {
    /** The HTTP status to answer it with. */
    public abstract val status: Int

    /** It is stored. */
    public data class Taken(
        /** The webhook, also if it came before. */
        val delivery: Delivery,
        /** What it means. */
        val report: Report,
    ) : Received() {
        override val status: Int get() = 200
    }

    /** It isn't. */
    public data class Failed(
        /** 400 for what isn't authentic, 413 for what is too long, and 503 if the database failed, so that the webhook comes again. */
        override val status: Int,
        /** What went wrong. */
        val error: Exception,
    ) : Received()
}

/**
 * A [Backend] whose functions return when they are done: for Java, and for threads that may wait. Each does what the function of the
 * same name does there, and throws what that throws.
 *
 * All that is decided is decided in the library, which says step by step what to do; here it is done.
 */
public class BackendBlocking internal constructor(
    private val tasks: BackendTasks,
    private val store: Store,
    private val sender: Sender,
    private val onEvent: Consumer<in BackendEvent>,
    private val restMillis: Long,
) : CardBackendBlocking {
    private val sweepNow = Channel<Unit>(Channel.CONFLATED)
    private val deliverNow = Channel<Unit>(Channel.CONFLATED)

    /** As [Backend.send]. */
    @Throws(BananaTechException::class, SQLException::class)
    override fun send(plan: Plan, reference: String): Sent = send(tasks.send(plan.operation, reference))

    /** As [Backend.send]. */
    @Throws(BananaTechException::class, SQLException::class)
    override fun send(plan: Plan, reference: String, template: CardTemplate, fee: Fee): Sent =
        send(tasks.sendByTemplate(plan.operation, reference, template, fee))

    private fun send(task: BackendTask): Sent = run<BackendResult.Sent>(task).sent

    /** As [Backend.ask]. */
    @Throws(BananaTechException::class, SQLException::class, IOException::class)
    override fun ask(plan: Plan): AnyResponse = run<BackendResult.Answer>(tasks.ask(plan.operation)).response

    /** As [Backend.inquire]. */
    @Throws(BananaTechException::class, SQLException::class)
    override fun inquire(id: OperationId): TrackedOperation? = operation(tasks.inquire(id))

    /** As [Backend.cancel]. */
    @Throws(BananaTechException::class, SQLException::class)
    override fun cancel(id: OperationId): TrackedOperation? = operation(tasks.cancel(id))

    /** As [Backend.receive]. */
    public fun receive(rawBody: ByteArray): Received = try {
        val (delivery, report) = run<BackendResult.Received>(tasks.receive(rawBody))
        tell(BackendEvent.Webhook(eventFacts(delivery.event).eventType, report.verdict))
        sweepNow.trySend(Unit)
        deliverNow.trySend(Unit)
        Received.Taken(delivery, report)
    } catch (error: Exception) {
        val code = (error as? BananaTechException)?.code
        val status = if (code == null) 503 else if (code == ErrorCode.MESSAGE_TOO_LONG) 413 else 400
        tell(BackendEvent.WebhookFailed(status, code?.value, error))
        Received.Failed(status, error)
    }

    /**
     * As [Backend.work]. It returns once the thread is interrupted, whose flag is set then: as soon as the sweep is done, and [take] was
     * interrupted. [take] is called from another thread.
     */
    public fun work(take: NoticeTaker) {
        // A sweep isn't interrupted: what it sends would be given up, and nobody would know whether it arrived.
        val working = CoroutineScope(Dispatchers.IO).async { work({ sweep() }, { runInterruptible { deliver(take) } }) }
        try {
            runBlocking<Unit> { working.await() }
        } catch (_: InterruptedException) {
            runBlocking { working.cancelAndJoin() }
            Thread.currentThread().interrupt()
        }
    }

    /** The same with and without suspending: neither part waits for the other. */
    internal suspend fun work(sweep: suspend () -> Swept, deliver: suspend () -> Unit): Nothing = coroutineScope {
        launch {
            again(sweepNow) {
                val swept = sweep()
                // There may be something to tell.
                if (swept.sent + swept.asked > 0) deliverNow.trySend(Unit)
            }
        }
        again(deliverNow, deliver)
    }

    /** Does something, again and again: after a rest, or at once if something is in [now]. */
    private suspend fun again(now: Channel<Unit>, round: suspend () -> Unit): Nothing {
        while (true) {
            currentCoroutineContext().ensureActive()
            try {
                round()
            } catch (error: Exception) {
                currentCoroutineContext().ensureActive()
                tell(BackendEvent.WorkFailed(error))
            }
            withTimeoutOrNull(restMillis) { now.receive() }
        }
    }

    /** As [Backend.sweep]. */
    @Throws(BananaTechException::class, SQLException::class)
    public fun sweep(): Swept = run<BackendResult.Swept>(tasks.sweep()).swept

    /** As [Backend.deliver]. */
    @Throws(BananaTechException::class, SQLException::class, InterruptedException::class)
    public fun deliver(take: NoticeTaker): Int =
        deliver(::untold, ::told, take::take) { if (it is InterruptedException) throw it }

    internal fun untold(): List<BackendUntold> = run<BackendResult.Untold>(tasks.untold()).notices

    internal fun told(position: Long) {
        run<BackendResult>(tasks.told(position))
    }

    /** The same with and without suspending. [check] throws what ends it. */
    internal inline fun deliver(
        untold: () -> List<BackendUntold>,
        told: (Long) -> Unit,
        take: (Notice) -> Unit,
        check: (Exception) -> Unit,
    ): Int {
        var count = 0
        while (true) {
            val asked = System.nanoTime()
            val notices = untold()
            if (notices.isEmpty()) return count
            for ((position, notice) in notices) {
                // Another instance may have it by now.
                if (System.nanoTime() - asked >= LEASE_NANOS) break
                try {
                    take(notice)
                } catch (error: Exception) {
                    check(error)
                    tell(BackendEvent.NotTaken(notice.operation?.id, error))
                    continue
                }
                told(position)
                count += 1
            }
        }
    }

    /** As [Backend.operation]. */
    @Throws(SQLException::class)
    override fun operation(id: OperationId): TrackedOperation? = operation(tasks.operation(id))

    /** As [Backend.operationByReference]. */
    @Throws(SQLException::class)
    override fun operationByReference(reference: String): TrackedOperation? = operation(tasks.operationByReference(reference))

    private fun operation(task: BackendTask) = run<BackendResult.Operation>(task).operation

    /** As [Backend.operationsOf]. */
    @Throws(BananaTechException::class, SQLException::class)
    override fun operationsOf(cardId: CardId): List<TrackedOperation> =
        run<BackendResult.Operations>(tasks.operationsOf(cardId)).operations

    /** As [Backend.unsettled]. */
    @Throws(SQLException::class)
    public fun unsettled(most: Int): List<TrackedOperation> = run<BackendResult.Operations>(tasks.unsettled(most)).operations

    /** As [Backend.card]. */
    @Throws(BananaTechException::class, SQLException::class)
    override fun card(id: CardId): CardState? = run<BackendResult.Card>(tasks.card(id)).card

    /** As [Backend.counts]. */
    @Throws(SQLException::class)
    public fun counts(): Counts = run<BackendResult.Counts>(tasks.counts()).counts

    /** As [Backend.forgetBefore]. */
    @Throws(BananaTechException::class, SQLException::class)
    public fun forgetBefore(time: Instant): Long = run<BackendResult.Forgotten>(tasks.forgetBefore(time)).count

    /** As [Backend.find]. */
    @JvmOverloads
    @Throws(BananaTechException::class, SQLException::class)
    public fun find(id: OperationId, outcome: Outcome, transactionId: TransactionId? = null): Report =
        run<BackendResult.Report>(tasks.find(id, outcome, transactionId)).report

    /** As [Backend.withdraw]. */
    @Throws(BananaTechException::class, SQLException::class)
    public fun withdraw(id: OperationId): Report = run<BackendResult.Report>(tasks.withdraw(id)).report

    /** As [Backend.nameForeign]. */
    @Throws(BananaTechException::class, SQLException::class)
    public fun nameForeign(thing: ThingId): Report = run<BackendResult.Report>(tasks.nameForeign(thing)).report

    private inline fun <reified R : BackendResult> run(task: BackendTask): R = task.use { perform(it) as R }

    /** Does what a task says, step by step. */
    private fun perform(task: BackendTask): BackendResult {
        var transaction: JdbcTransaction? = null
        var failure: Exception? = null
        fun database(work: () -> BackendReply): BackendReply = try {
            work()
        } catch (error: Exception) {
            // Of several, the first says why.
            failure = failure ?: error
            if (error is SQLException && store.isConflict(error)) BackendReply.Conflict else BackendReply.Failed
        }
        fun end(how: (JdbcTransaction) -> Unit) = database {
            val ended = transaction
            transaction = null
            ended?.let(how)
            BackendReply.Done
        }
        fun exchange(request: SealedRequest): BackendReply = try {
            val answer = sender.send(request)
            // No HTTP status is out of range; what is counts as one that says nothing.
            BackendReply.Answer(answer.status, answer.body)
        } catch (error: Exception) {
            failure = error
            if (error is InterruptedException) Thread.currentThread().interrupt()
            if (error is NotSentException) BackendReply.NotSent else BackendReply.NoAnswer
        }
        try {
            var reply: BackendReply = BackendReply.Done
            while (true) {
                reply = when (val step = task.next(reply)) {
                    BackendStep.Begin -> {
                        end(JdbcTransaction::rollBack)
                        failure = null
                        database { BackendReply.Done.also { transaction = store.begin() } }
                    }
                    is BackendStep.Run -> database { BackendReply.Rows(checkNotNull(transaction).run(step.statements)) }
                    BackendStep.Commit -> end(JdbcTransaction::commit)
                    BackendStep.RollBack -> end(JdbcTransaction::rollBack)
                    is BackendStep.Send -> exchange(step.request)
                    is BackendStep.Sending -> follow(BackendEvent.Sending(step.operation, step.reference))
                    is BackendStep.Sent -> {
                        val error = failure.takeIf { step.state == "not_known" || step.state == "not_sent" }
                        follow(BackendEvent.Sent(step.operation, step.reference, step.state, step.code, error, step.status))
                    }
                    is BackendStep.NotAnswered -> {
                        val error = failure.takeIf { step.code == null }
                        follow(BackendEvent.NotAnswered(step.operation, step.reference, step.code, error))
                    }
                    is BackendStep.Changed -> follow(BackendEvent.Changed(step.operation, step.state))
                    BackendStep.AssumptionDiffers -> follow(BackendEvent.AssumptionDiffers)
                    is BackendStep.ForeignActivity -> follow(BackendEvent.ForeignActivity(step.scope, step.things))
                    is BackendStep.Done -> return step.result
                    BackendStep.Failed -> throw failure ?: SQLException("what is stored can't be read")
                    BackendStep.NoAnswer -> throw failure ?: IOException("no answer came")
                }
            }
        } finally {
            end(JdbcTransaction::rollBack)
        }
    }

    private fun follow(event: BackendEvent): BackendReply {
        tell(event)
        return BackendReply.Done
    }

    /** Exceptions from [onEvent] are ignored. */
    internal fun tell(event: BackendEvent) {
        runCatching { onEvent.accept(event) }
    }
}
