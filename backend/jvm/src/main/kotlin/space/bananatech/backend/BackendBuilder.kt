package space.bananatech.backend

import java.time.Duration
import java.util.function.Consumer
import space.bananatech.Assumptions
import space.bananatech.Merchant

/** Builds [Backend] in Java, which has no arguments with a name or a default. What isn't set is as it is there by default. */
public class BackendBuilder(private val merchant: Merchant, private val assumptions: Assumptions, private val store: Store) {
    private var sender: Sender? = null
    private var oneAtATime = true
    private var waitAtMost: Duration? = null
    private var askAfter: Duration? = null
    private var rest = REST
    private var onEvent: Consumer<in BackendEvent> = BackendLog

    /** Sends requests; [Sender.jdk] unless another one is set. */
    public fun sender(sender: Sender): BackendBuilder = apply { this.sender = sender }

    /** `false`: recharges and changes of one card's status are sent at once, also while others like them are under way. */
    public fun oneAtATime(oneAtATime: Boolean): BackendBuilder = apply { this.oneAtATime = oneAtATime }

    /** How long an operation may wait for its turn; 15 minutes unless it is set. */
    public fun waitAtMost(waitAtMost: Duration): BackendBuilder = apply { this.waitAtMost = waitAtMost }

    /** How long to wait for a webhook before [Backend.sweep] asks the API; 10 minutes unless it is set. */
    public fun askAfter(askAfter: Duration): BackendBuilder = apply { this.askAfter = askAfter }

    /** How long [Backend.work] rests between rounds. */
    public fun rest(rest: Duration): BackendBuilder = apply { this.rest = rest }

    /** What an operator follows; the platform's logger `space.bananatech.backend` gets it unless something is set. */
    public fun onEvent(onEvent: Consumer<in BackendEvent>): BackendBuilder = apply { this.onEvent = onEvent }

    /**
     * What was built. Java calls its [Backend.blocking].
     *
     * @throws space.bananatech.BananaTechException Caused by the caller: a time that is negative (`field.type`).
     */
    public fun build(): Backend = Backend(
        merchant, assumptions, store, sender ?: Sender.jdk(), oneAtATime, waitAtMost, askAfter, rest, onEvent,
    )
}
