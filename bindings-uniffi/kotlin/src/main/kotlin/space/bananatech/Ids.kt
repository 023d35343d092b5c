package space.bananatech

import java.io.Serializable

// No value classes: Kotlin gives functions that take one names that Java can't say.

/**
 * A user's id. [toString] is its number.
 *
 * @property value 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
 */
public data class UserId(public val value: Long) : Serializable {
    override fun toString(): String = value.toString()

    private companion object {
        const val serialVersionUID: Long = 1
    }
}

/**
 * A card's id. [toString] is its number.
 *
 * @property value 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
 */
public data class CardId(public val value: Long) : Serializable {
    override fun toString(): String = value.toString()

    private companion object {
        const val serialVersionUID: Long = 1
    }
}

/**
 * A card template's id. [toString] is its number.
 *
 * @property value 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
 */
public data class TemplateId(public val value: Long) : Serializable {
    override fun toString(): String = value.toString()

    private companion object {
        const val serialVersionUID: Long = 1
    }
}

/**
 * A transaction's id. [toString] is its number.
 *
 * @property value 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
 */
public data class TransactionId(public val value: Long) : Serializable {
    override fun toString(): String = value.toString()

    private companion object {
        const val serialVersionUID: Long = 1
    }
}
