package space.bananatech

import java.lang.reflect.Modifier
import java.time.YearMonth
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** Half of an emoji, as some keyboards' backspace leaves it, is judged in each field as it is in JavaScript: as U+FFFD. */
class HalfCharactersTest {
    private val rules = ExpiryRules(YearMonth.of(2026, 1))
    private val context = { text: String -> PinRules(context = PinContext(phone = Redacted(text), cardNumber = Redacted(text))) }

    private val fields = mapOf<String, (String) -> Any>(
        "numberField" to { numberField(Redacted(it)) },
        "expiryField" to { listOf(expiryField(it), expiryField(it, rules)) },
        "cvvField" to { cvvField(Redacted(it), cvvLength(null)) },
        "cardholderNameField" to { cardholderNameField(it) },
        "postalCodeField" to { postalCodeField(it) },
        "pinField" to { listOf(pinField(Redacted(it)), pinField(Redacted("482915"), context(it))) },
        "editField" to { text ->
            val (redacted, caret) = Redacted(text) to FieldSelection(text.length)
            val edits = listOf(
                FieldEdit.Insert(redacted), FieldEdit.DeleteBackward, FieldEdit.DeleteForward,
                FieldEdit.Replace(FieldSelection(0, 1), redacted), FieldEdit.Changed(redacted, caret), FieldEdit.Format,
            )
            val formats = listOf(FieldFormat.Number, FieldFormat.AssignedNumber, FieldFormat.Expiry, FieldFormat.Digits(4))
            formats.flatMap { format -> edits.map { editField(format, redacted, caret, it) } }
        },
    )

    @Test
    fun eachFieldGivesAVerdict() {
        for (half in listOf("\uD83D", "\uDE00", "\uDE00\uD83D")) {
            for (text in listOf(half, "Zoe $half", "${half}4111 1111 1111 1111", "12/2$half", "48${half}2915")) {
                val read = text.replace(Regex("[\uD83D\uDE00]"), "\uFFFD")
                for ((name, field) in fields) assertEquals(field(read), field(text), "$name of ${text.map { it.code }}")
            }
        }
        assertEquals("Zoe \uFFFD", cardholderNameField("Zoe \uD83D").value.expose())
        assertEquals("Zoe \uD83D\uDE00", cardholderNameField("Zoe \uD83D\uDE00").value.expose())
    }

    /** None that is added is forgotten here. */
    @Test
    fun allFieldsAreTried() {
        val there = listOf("BananatechKt", "Fields").flatMap { Class.forName("space.bananatech.$it").methods.asList() }
        val names = there.filter { Modifier.isStatic(it.modifiers) && it.name.endsWith("Field") }.map { it.name }
        assertEquals(fields.keys, names.toSet())
    }
}
