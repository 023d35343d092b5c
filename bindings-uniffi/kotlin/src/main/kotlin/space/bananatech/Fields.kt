@file:JvmName("Fields")

package space.bananatech

import java.time.Clock
import java.time.YearMonth

/**
 * A part of a text, or the caret if both are the same: positions before a UTF-16 code unit, as in every text of this language.
 *
 * @property start Where it begins. What is before the text is its start.
 * @property end Where it ends, not before its start. What is beyond the text is its end.
 */
public data class FieldSelection @JvmOverloads constructor(public val start: Int, public val end: Int = start) {
    internal val number: Long get() = (start.coerceAtLeast(0).toLong() shl 31) or end.coerceAtLeast(0).toLong()
}

internal fun fieldSelection(number: Long) = FieldSelection((number shr 31).toInt(), (number and 0x7fff_ffff).toInt())

/**
 * A day on which somebody was born. [toString] shows nothing of it.
 *
 * @property year With its century: 1987.
 * @property month 1 to 12.
 * @property day 1 to 31.
 */
public data class BirthDate(public val year: Int, public val month: Int, public val day: Int) {
    override fun toString(): String = "…"

    internal val number: Int
        get() = if (year in 0..9999 && month in 0..99 && day in 0..99) (year * 100 + month) * 100 + day else 0
}

/** A text of whole characters: U+FFFD stands for half of one, as it does where JavaScript's texts cross. */
internal fun wellFormed(text: String): String = String(text.toByteArray(Charsets.UTF_16BE), Charsets.UTF_16BE)

internal val YearMonth.number: Int get() = if (year in 0..9999) year * 100 + monthValue else monthValue

/** Whether it can be sent as it is. */
public val FieldVerdict.isValid: Boolean get() = validity == Validity.VALID

/** Whether it is valid or can become so by typing on. */
public val FieldVerdict.isPotentiallyValid: Boolean get() = validity != Validity.INVALID

/** A stable code, to choose words by. */
public val Brand.code: String get() = brandCode(this)

/** A stable code, to choose words by. */
public val FieldReason.code: String get() = fieldReasonCode(this)

/** A stable code, to choose words by. */
public val Luhn.code: String get() = luhnCode(this)

/** A stable code, to choose words by. */
public val Validity.code: String get() = validityCode(this)

/** A stable code, to choose words by. */
public val Weakness.code: String get() = weaknessCode(this)

/** What is the same for all numbers of the brand. */
public val Brand.facts: BrandFacts get() = brandFacts(this)

/**
 * Judges an expiry date by the usual rules: cards expire up to 19 years ahead.
 *
 * @param clock Tells the month that it is now.
 */
@JvmOverloads
public fun expiryField(text: String, clock: Clock = Clock.systemDefaultZone()): ExpiryField =
    expiryField(text, ExpiryRules(YearMonth.now(clock)))
