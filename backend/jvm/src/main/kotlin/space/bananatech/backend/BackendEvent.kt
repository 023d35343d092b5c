package space.bananatech.backend

import java.lang.System.Logger.Level
import java.util.function.Consumer
import space.bananatech.NotSentException
import space.bananatech.OperationId
import space.bananatech.ThingId
import space.bananatech.Verdict

/** Something that an operator follows, for logs and metrics: never a secret, nor what is personal. More kinds may be added. */
public sealed class BackendEvent {
    /** An operation is stored, and is sent now: by [Backend.send], or by [Backend.sweep] when its turn has come. */
    public data class Sending(
        /** Which. */
        val operation: OperationId,
        /** Your name for it. */
        val reference: String,
    ) : BackendEvent()

    /** It is known what became of a request so far, also if nothing was sent. */
    public data class Sent(
        /** Which. */
        val operation: OperationId,
        /** Your name for it. */
        val reference: String,
        /** `taken`, `refused`, `not_known`, `not_sent`, `waits` or `known`. */
        val state: String,
        /** Why the API didn't take it, or why its answer doesn't say so, such as `not_authentic`; null if no answer came, or if it took it. */
        val code: String?,
        /** What the [Sender] threw, if no answer came. */
        val error: Exception?,
        /** The HTTP status of a refusal. If all requests are refused, the key is wrong. */
        val status: Int? = null,
    ) : BackendEvent()

    /** BananaTech was asked about an operation, and didn't say what became of it. It is asked again later. */
    public data class NotAnswered(
        /** Which. */
        val operation: OperationId,
        /** Your name for it. */
        val reference: String,
        /** Why the answer that came can't be used, such as `rejected`; null if none came, or if it doesn't show what became of it. */
        val code: String?,
        /** What the [Sender] threw, if no answer came. */
        val error: Exception?,
    ) : BackendEvent()

    /** A webhook, an answer or a person changed what is known of an operation. Your code is told by a notice. */
    public data class Changed(
        /** Which. */
        val operation: OperationId,
        /** `succeeded`, `failed`, `doubted` or `contradicted`. */
        val state: String,
    ) : BackendEvent()

    /**
     * Another instance, or an earlier start, assumed another `exclusiveSince`. All must assume the same, and a time that moves with each start
     * leaves open what was sent before it.
     */
    public data object AssumptionDiffers : BackendEvent()

    /** Somebody else acts. Your code is told by a notice. */
    public data class ForeignActivity(
        /** Where, such as `card:12345:money`. */
        val scope: String,
        /** What it came out by, such as the transaction `tx:7`. Some may be your own. */
        val things: List<ThingId>,
    ) : BackendEvent()

    /** A webhook was taken. */
    public data class Webhook(
        /** The API's name for its type, as `CARD_RECHARGE_RESULT`. */
        val type: String,
        /** What it means. */
        val verdict: Verdict,
    ) : BackendEvent()

    /** A webhook wasn't taken. */
    public data class WebhookFailed(
        /** What it is to be answered. */
        val status: Int,
        /** Which rule it breaks, such as `not_authentic`; null if the database failed. */
        val code: String?,
        /** What went wrong. */
        val error: Exception,
    ) : BackendEvent()

    /** Your code failed to take a notice. It is given again after a minute. */
    public data class NotTaken(
        /** What it was about, if it was about one operation. */
        val operation: OperationId?,
        /** What your code threw. */
        val error: Exception,
    ) : BackendEvent()

    /** A part of a round of [Backend.work] failed, since the database did for example. The next round tries again. */
    public data class WorkFailed(
        /** What went wrong. */
        val error: Exception,
    ) : BackendEvent()
}

/** Where nobody else follows them: to the platform's logger `space.bananatech.backend`, what went wrong or was refused as warnings. */
internal object BackendLog : Consumer<BackendEvent> {
    private val logger = System.getLogger("space.bananatech.backend")

    /** States that somebody should look at. A wrong key shows first in that everything is refused. */
    private val WARNED = setOf("refused", "not_known", "not_sent", "doubted", "contradicted")

    override fun accept(event: BackendEvent) = when (event) {
        is BackendEvent.Sending -> logger.log(Level.DEBUG, "sending ${event.operation}, ${event.reference}")
        is BackendEvent.Sent -> {
            val level = if (event.state in WARNED) Level.WARNING else Level.DEBUG
            val code = event.status?.let { "${event.code}, HTTP status $it" } ?: event.code
            log(level, "${event.operation}, ${event.reference}: ${event.state}", code, event.error)
        }
        is BackendEvent.NotAnswered ->
            log(Level.WARNING, "BananaTech didn't say what became of ${event.operation}, ${event.reference}", event.code, event.error)
        is BackendEvent.Changed -> {
            val level = if (event.state in WARNED) Level.WARNING else Level.DEBUG
            logger.log(level, "${event.operation}: ${event.state}")
        }
        BackendEvent.AssumptionDiffers -> logger.log(Level.WARNING, "another instance, or an earlier start, assumed another exclusiveSince")
        is BackendEvent.ForeignActivity -> logger.log(Level.WARNING, "somebody else acts: ${event.scope}, ${event.things}")
        is BackendEvent.Webhook -> logger.log(Level.DEBUG, "webhook ${event.type}: ${event.verdict.javaClass.simpleName}")
        is BackendEvent.WebhookFailed ->
            // What the database threw is worth its trace, and what isn't authentic isn't.
            log(Level.WARNING, "webhook answered ${event.status}", event.code, event.error.takeIf { event.code == null })
        is BackendEvent.NotTaken -> logger.log(Level.WARNING, "a notice of ${event.operation} wasn't taken", event.error)
        is BackendEvent.WorkFailed -> logger.log(Level.WARNING, "a part of a round failed", event.error)
    }

    private fun log(level: Level, what: String, code: String?, error: Exception?) {
        val why = listOfNotNull(what, code)
        // That no connection could be made is said in a line: where in the HTTP client it was noticed helps nobody.
        if (error is NotSentException) return logger.log(level, (why + error.message).joinToString(": "))
        logger.log(level, why.joinToString(": "), error)
    }
}
