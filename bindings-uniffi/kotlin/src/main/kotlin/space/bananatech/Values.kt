@file:JvmName("Values")

package space.bananatech

import java.math.BigDecimal
import java.time.DateTimeException
import java.time.Instant
import java.time.YearMonth

/**
 * A text that may hold what must not be seen: a card number, a PIN, a key, a one-time password, a person's data. [toString]
 * shows nothing of it, so that it can't get into a log or an exception's message by way of the value that it stands in. Nor do
 * libraries that write any object as JSON: to them it is empty.
 */
public class Redacted(text: String) {
    // What writes an object by its fields, as Gson does, leaves this one out.
    @Transient
    private val text: String = text

    /** The text in clear; keep it out of logs. */
    public fun expose(): String = text

    override fun toString(): String = "…"

    override fun equals(other: Any?): Boolean = other is Redacted && other.text == text

    override fun hashCode(): Int = text.hashCode()
}

/**
 * A card's expiry date: it is good to the end of that month.
 *
 * @property month 1 to 12.
 * @property year With its century, 2000 to 2099. What is out of range is refused where it is used, as `expiry.format` or
 * `expiry.month`.
 */
public data class Expiry(public val month: Int, public val year: Int) {
    /** The same of Java's own, such as a field's value ([ExpiryField.value]). */
    public constructor(month: YearMonth) : this(month.monthValue, month.year)

    /**
     * Whether a card is past this date in a month, by your calendar: it is good to the end of the month that it names.
     *
     * @throws BananaTechException Caused by the caller: `expiry.format` or `expiry.month` for a date that is none.
     */
    @Throws(BananaTechException::class)
    public fun isExpired(month: YearMonth): Boolean = isExpired(this, month.year, month.monthValue)

    /** As it stands on a card: `MM/YY`. */
    override fun toString(): String = "%02d/%02d".format(java.util.Locale.ROOT, month, year % 100)

    internal val number: Int get() = if (month in 0..99 && year in 0..9999) year * 100 + month else 0
}

/** How far it is. */
public val TrackedOperation.state: OperationState get() = operationState(this)

/** When it was made: [Transaction.createdAt] as a time. Null where that is absent, or no time as ISO 8601 writes it in UTC. */
public val Transaction.createdTime: Instant?
    get() = try {
        createdAt?.let(Instant::parse)
    } catch (_: DateTimeException) {
        null
    }

/**
 * An amount in plain digits. Of one that is too long for the core in any case, as many as show that: written out,
 * `1E+999999999` would fill the memory.
 */
internal fun amountText(amount: BigDecimal): String = when {
    amount.scale() in -MAX_DIGITS..MAX_DIGITS -> amount.toPlainString()
    amount.signum() == 0 && amount.scale() < 0 -> "0"
    else -> "9".repeat(MAX_DIGITS)
}

private const val MAX_DIGITS = 100

/** Milliseconds since 1970; for what they can't count, the nearest that they can. */
internal fun epochMillis(time: Instant): Long = try {
    time.toEpochMilli()
} catch (_: ArithmeticException) {
    if (time.epochSecond < 0) Long.MIN_VALUE else Long.MAX_VALUE
}
