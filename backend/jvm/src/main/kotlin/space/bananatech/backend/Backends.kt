@file:JvmName("Backends")

package space.bananatech.backend

import space.bananatech.Notice
import space.bananatech.SentState
import space.bananatech.TrackedOperation

/** The operation that a notice is about, if it is about one. */
public val Notice.operation: TrackedOperation?
    get() = when (this) {
        is Notice.Settled -> operation
        is Notice.Doubted -> operation
        is Notice.Contradicted -> operation
        is Notice.NotSent -> operation
        is Notice.ForeignActivity -> null
    }

/** What is known of a request, in a word: `taken`, `refused`, `not_known`, `not_sent`, `waits` or `known`. */
public val SentState.word: String
    get() = when (this) {
        is SentState.Taken -> "taken"
        is SentState.Refused -> "refused"
        SentState.NotKnown -> "not_known"
        SentState.NotSent -> "not_sent"
        SentState.Waits -> "waits"
        SentState.Known -> "known"
    }
