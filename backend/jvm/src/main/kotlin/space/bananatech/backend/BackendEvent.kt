package space.bananatech.backend

import java.lang.System.Logger.Level
import java.util.function.Consumer
import space.bananatech.OperationId
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
        /** `taken`, `refused`, `not_known`, `waits` or `known`. */
        val state: String,
        /** Why the answer that came doesn't say that the API took it, such as `not_authentic`; null if none came, or if it does. */
        val code: String?,
        /** What the [Sender] threw, if no answer came. */
        val error: Exception?,
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
    ) : BackendEvent()

    /** Your code failed to take a notice. It is given again after a minute. */
    public data class NotTaken(
        /** What it was about, if it was about one operation. */
        val operation: OperationId?,
        /** What your code threw. */
        val error: Exception,
    ) : BackendEvent()
}

/** Where nobody else follows them: to the platform's logger `space.bananatech.backend`, what went wrong as warnings. */
internal object BackendLog : Consumer<BackendEvent> {
    private val logger = System.getLogger("space.bananatech.backend")

    override fun accept(event: BackendEvent) = when (event) {
        is BackendEvent.Sending -> logger.log(Level.DEBUG, "sending ${event.operation}, ${event.reference}")
        is BackendEvent.Sent -> {
            val level = if (event.state == "not_known") Level.WARNING else Level.DEBUG
            val why = event.code?.let { ": $it" }.orEmpty()
            logger.log(level, "${event.operation}, ${event.reference}: ${event.state}$why", event.error)
        }
        is BackendEvent.Webhook -> logger.log(Level.DEBUG, "webhook ${event.type}: ${event.verdict.javaClass.simpleName}")
        is BackendEvent.WebhookFailed -> logger.log(Level.WARNING, "webhook answered ${event.status}: ${event.code ?: "the database"}")
        is BackendEvent.NotTaken -> logger.log(Level.WARNING, "a notice of ${event.operation} wasn't taken", event.error)
    }
}
