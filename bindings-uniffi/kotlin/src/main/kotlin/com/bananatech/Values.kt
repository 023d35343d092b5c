package com.bananatech

/**
 * A text that may hold what must not be seen: a card number, a PIN, a key, a one-time password. [toString] shows nothing of
 * it, so that it can't get into a log or an exception's message by way of the value that it stands in.
 */
public class Redacted(private val text: String) {
    /** The text in clear; keep it out of logs. */
    public fun expose(): String = text

    override fun toString(): String = "…"

    override fun equals(other: Any?): Boolean = other is Redacted && other.text == text

    override fun hashCode(): Int = text.hashCode()
}
